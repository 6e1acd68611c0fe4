"""Tables of what a data set holds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from polyclinic.data.cohort import Cohort
from polyclinic.data.patients import MOST_VALUES

Table = dict[str, dict[str, int | float | str]]


def summary_tables(cohort: Cohort) -> Mapping[str, Table]:
    """Counts of the whole, of classes, of label values and of image sizes, each by `split`."""
    facts = cohort.facts()
    unknown = "not given"
    whole: Table = {
        "images": {"count": facts.images},
        "patients": {"count": unknown if facts.patients is None else facts.patients},
    }
    whole |= {kind: {"count": number} for kind, number in facts.counts.items()}
    return {
        "data set": whole,
        "classes": _classes(cohort),
        "labels": _labels(cohort),
        "image sizes": _sizes(cohort),
    }


def _part(extra: Mapping[str, object]) -> str:
    return str(extra.get("split") or "all")


def _classes(cohort: Cohort) -> Table:
    counts: dict[str, Counter[str]] = {name: Counter() for name in cohort.classes}
    parts = sorted({_part(sample.extra) for sample in cohort.samples})
    for sample in cohort.samples:
        for instance in sample.instances or ():
            if instance.category is not None:
                counts[cohort.classes[instance.category]][_part(sample.extra)] += 1
    return {name: {part: found[part] for part in parts} for name, found in counts.items()}


def _labels(cohort: Cohort) -> Table:
    """Images by value; a label that measures rather than names is one row."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    parts = sorted({_part(sample.extra) for sample in cohort.samples})
    values = cohort.facts().label_values
    rows = {
        name: f"{name} from {found[0]} to {found[-1]}"
        for name, found in values.items()
        if len(found) > MOST_VALUES
    }
    for sample in cohort.samples:
        for name, value in sample.labels.items():
            counts[rows.get(name, f"{name} = {value}")][_part(sample.extra)] += 1
    return {name: {part: counts[name][part] for part in parts} for name in sorted(counts)}


def _sizes(cohort: Cohort) -> Table:
    sizes = Counter(sample.size for sample in cohort.samples)
    return {f"{w} x {h}": {"images": number} for (h, w), number in sizes.most_common()}
