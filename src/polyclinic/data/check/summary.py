"""Tables of what a data set holds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from polyclinic.data.check.raters import rater_table
from polyclinic.data.coco.image import read_part
from polyclinic.data.cohort import Cohort
from polyclinic.data.patients import MOST_VALUES
from polyclinic.sample import Instance, Sample

Table = dict[str, dict[str, int | float | str]]

MOST_SIZES = 12


def summary_tables(cohort: Cohort, compared: int | None = None) -> Mapping[str, Table]:
    """Counts of the whole, of classes, of labels and of image sizes, each by `split`.

    Args:
        cohort: the data set.
        compared: how many images were compared in search of look-alikes; None where none were.
    """
    facts = cohort.facts()
    unknown = "not given"
    whole: Table = {
        "images": {"count": facts.images},
        "patients": {"count": unknown if facts.patients is None else facts.patients},
    }
    if compared is not None:
        whole["images compared in search of look-alikes"] = {"count": compared}
    whole |= {kind: {"count": number} for kind, number in facts.counts.items()}
    return {
        "data set": whole,
        "classes": _classes(cohort),
        "labels": _labels(cohort.samples, cohort.samples),
        "labels of objects": _labels(*_objects(cohort)),
        "raters": rater_table(cohort),
        "image sizes": _sizes(cohort),
    }


def _part(extra: Mapping[str, object]) -> str:
    said = extra.get("split") or "all"
    return read_part(said) or str(said)


def _classes(cohort: Cohort) -> Table:
    counts: dict[str, Counter[str]] = {name: Counter() for name in cohort.classes}
    parts = sorted({_part(sample.extra) for sample in cohort.samples})
    for sample in cohort.samples:
        for instance in sample.instances or ():
            if instance.category is not None:
                counts[cohort.classes[instance.category]][_part(sample.extra)] += 1
    return {name: {part: found[part] for part in parts} for name, found in counts.items()}


def _objects(cohort: Cohort) -> tuple[list[Instance], list[Sample]]:
    """All objects, and the image of each."""
    pairs = [(one, sample) for sample in cohort.samples for one in sample.instances or ()]
    return [one for one, _ in pairs], [sample for _, sample in pairs]


def _labels(labelled: Sequence[Sample | Instance], images: Sequence[Sample]) -> Table:
    """How many have each value; a label that measures rather than names is one row.

    Args:
        labelled: images, or objects.
        images: the image of each of them.
    """
    values: defaultdict[str, set[Any]] = defaultdict(set)
    for one in labelled:
        for name, value in one.labels.items():
            values[name].add(value)
    rows = {
        name: f"{name} from {min(found, key=_order)} to {max(found, key=_order)}"
        for name, found in values.items()
        if len(found) > MOST_VALUES
    }
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    parts = sorted({_part(sample.extra) for sample in images})
    for one, sample in zip(labelled, images, strict=True):
        for name, value in one.labels.items():
            counts[rows.get(name, f"{name} = {value}")][_part(sample.extra)] += 1
    return {name: {part: counts[name][part] for part in parts} for name in sorted(counts)}


def _order(value: Any) -> tuple[bool, Any]:
    """Sort key for mixed values: numbers before texts."""
    return isinstance(value, str), value


def _sizes(cohort: Cohort) -> Table:
    """The commonest sizes; where nearly each image has its own, the rest in one row."""
    sizes = Counter(sample.size for sample in cohort.samples)
    shown = sizes.most_common(MOST_SIZES)
    table: Table = {f"{w} x {h}": {"images": number} for (h, w), number in shown}
    others = len(cohort) - sum(number for _, number in shown)
    if others:
        table[f"{len(sizes) - len(shown)} other sizes"] = {"images": others}
    return table
