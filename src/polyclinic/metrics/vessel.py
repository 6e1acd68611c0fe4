"""Overlap of all masks together, vessel against background."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.case import Case, annotated, found, instance_cases, score_of
from polyclinic.sample import Instance


@dataclass(frozen=True, kw_only=True)
class VesselOverlap:
    """Pixel counts pooled over images and their ratios; None where the divisor is 0.

    Args:
        images: images with complete masks.
        dice: 2 shared / (annotated + read).
        sensitivity: shared / annotated. Missed vessels lower it.
        precision: shared / read. False vessels lower it.
    """

    images: int
    dice: float | None
    sensitivity: float | None
    precision: float | None


def vessel_overlap(
    cases: Sequence[Case], *, not_vessel: Collection[str] = (), min_score: float = 0.5
) -> VesselOverlap:
    """Compare the union of the annotated masks with the union of the found ones.

    Args:
        cases: samples with readings; images on which an instance has no mask are left out.
        not_vessel: class names that are no vessels, e.g. haemorrhage; left out on both sides.
        min_score: found instances under it are left out.

    Pixels of crowd regions count on neither side.
    """
    images = shared = true_area = read_area = 0
    for case in instance_cases(cases):
        if any(one.mask is None for one in annotated(case)):
            continue
        classes, size = case[1].classes, case[0].size
        skipped = {i for i, name in enumerate(classes) if name in not_vessel}
        kept = [one for one in annotated(case) if one.category not in skipped]
        crowd = _union((one for one in kept if one.crowd), size)
        true = _union((one for one in kept if not one.crowd), size) & ~crowd
        accepted = (
            one for one in found(case) if one.category not in skipped and score_of(one) >= min_score
        )
        read = _union(accepted, size) & ~crowd
        images += 1
        shared += int((true & read).sum())
        true_area += int(true.sum())
        read_area += int(read.sum())
    both = true_area + read_area
    return VesselOverlap(
        images=images,
        dice=2 * shared / both if both else None,
        sensitivity=shared / true_area if true_area else None,
        precision=shared / read_area if read_area else None,
    )


def _union(instances: Iterable[Instance], size: tuple[int, int]) -> NDArray[np.bool_]:
    union = np.zeros(size, bool)
    for one in instances:
        if one.mask is not None:
            height, width = one.mask.patch.shape
            rows = slice(one.mask.top, one.mask.top + height)
            columns = slice(one.mask.left, one.mask.left + width)
            union[rows, columns] |= one.mask.patch
    return union
