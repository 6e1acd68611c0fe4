"""Faults between the rows of one image."""

from __future__ import annotations

from polyclinic.data.cohort import Cohort
from polyclinic.data.findings import Finding, Place

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
