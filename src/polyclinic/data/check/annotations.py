"""Faults between the rows of one image, and of whole-image labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from polyclinic.data.cohort import Cohort
from polyclinic.data.findings import Finding, Place
from polyclinic.data.tables.columns import QUALITY
from polyclinic.sample import Sample


def label_findings(cohort: Cohort) -> list[Finding]:
    """Labels that do not vary, that are spelled in two ways, and quality that is none."""
    place, values = Place(cohort.name), cohort.facts().label_values
    findings = [*_spellings(cohort), *_qualities(cohort)]
    for name, found in values.items():
        if len(found) == 1:
            what = f"label {name!r} is always {found[0]!r}"
            findings.append(place.warning(what, "two values or more"))
    return findings


def _spellings(cohort: Cohort) -> Iterator[Finding]:
    for name, values in cohort.facts().label_values.items():
        spelled: defaultdict[str, list[object]] = defaultdict(list)
        for value in values:
            if isinstance(value, str):
                spelled["".join(value.casefold().split())].append(value)
        for alike in spelled.values():
            if len(alike) > 1:
                yield Place(cohort.name).warning(
                    f"label {name!r} is {' and '.join(map(repr, alike))}",
                    "one spelling of a value",
                    "they count as different values",
                )


def _qualities(cohort: Cohort) -> Iterator[Finding]:
    """Values of `quality` that are no numbers, and numbers beyond its scale."""
    values = [(one, one.labels[QUALITY]) for one in cohort.samples if QUALITY in one.labels]
    odd = [one for one, value in values if not _is_number(value)]
    beyond = [one for one, value in values if _is_number(value) and not 0 <= value <= 1]
    if odd:
        yield _named(cohort, odd, "a number", "give a label that names something another name")
    if beyond:
        hint = "quality.best and quality.worst may name the ends of another scale"
        yield _named(cohort, beyond, "0 (sharp) to 1 (worst)", hint)


def _named(cohort: Cohort, found: list[Sample], expected: str, hint: str) -> Finding:
    first = found[0]
    return Place(cohort.name, f"image {first.image_id}").warning(
        f"label {QUALITY!r} is {first.labels[QUALITY]!r}; {len(found)} images have such a value",
        expected,
        hint,
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_ENOUGH = 10


def double_instances(cohort: Cohort) -> list[Finding]:
    """Objects of one class that one rater drew twice with the same box."""
    findings = []
    for sample in cohort.samples:
        seen: dict[tuple[object, ...], int | str | None] = {}
        for instance in sample.instances or ():
            key = (instance.category, instance.rater, *instance.box.tolist())
            if key in seen:
                findings.append(
                    Place(cohort.name, f"image {sample.image_id}").warning(
                        f"annotations {seen[key]} and {instance.id} have the same class and box",
                        "each object once",
                        "remove one of them",
                    )
                )
            seen.setdefault(key, instance.id)
    return findings


def box_outlines(cohort: Cohort) -> list[Finding]:
    """Masks that all fill their boxes: an exporter may have written boxes as outlines.

    One such mask may well be right; a data set of nothing else hardly is.
    """
    masks = [
        one.mask
        for sample in cohort.samples
        for one in sample.instances or ()
        if one.mask is not None
    ]
    if len(masks) < _ENOUGH or any(one.area < one.shape[0] * one.shape[1] for one in masks):
        return []
    return [
        Place(cohort.name).warning(
            f"all {len(masks)} masks fill their boxes",
            "outlines of the objects",
            "if nobody outlined them, remove 'segmentation': a box is no outline",
        )
    ]
