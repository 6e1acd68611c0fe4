"""How far two readings of the same images are from each other.

What a faster way to compute may change is limited here, by what it does to readings and not by
digits of a network's outputs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from polyclinic.metrics.matching import box_iou
from polyclinic.reading import Reading

SAME_OBJECT = 0.5
"""Intersection over union from which two boxes are of one object."""


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Differences over all images; 0 where there is nothing to compare.

    Args:
        unmatched: share of instances that only one of the two has, or has with another class; an
            image that only one of the two could read counts as one.
        landmarks_px: median shift of a landmark.
        boxes_px: median shift of an edge of a box.
        measured: median difference of a measurement, in its unit; infinite for one that only one
            of the two could make.
        findings: largest difference of a probability.
        quality: largest difference, in shares of the larger value or of 1.
        restored: mean difference of a pixel, in 1/255 of white.
    """

    unmatched: float = 0.0
    landmarks_px: float = 0.0
    boxes_px: float = 0.0
    measured: float = 0.0
    findings: float = 0.0
    quality: float = 0.0
    restored: float = 0.0

    def within(self, limits: Agreement) -> bool:
        """Whether no difference is over its limit."""
        return not self.over(limits)

    def over(self, limits: Agreement) -> list[str]:
        """The differences that are over their limits, in words."""
        return [
            f"{one.name} {getattr(self, one.name):.3g} (limit {getattr(limits, one.name):g})"
            for one in fields(self)
            if not getattr(self, one.name) <= getattr(limits, one.name)
        ]


LIMITS = Agreement(
    unmatched=0.02,
    landmarks_px=0.05,
    boxes_px=0.25,
    measured=0.1,
    findings=0.02,
    quality=0.02,
    restored=0.25,
)
"""What a faster way to compute may change."""


def agreement(pairs: Sequence[tuple[Reading, Reading]]) -> Agreement:
    """Compare readings of the same images, pair by pair."""
    found: dict[str, list[float]] = {one.name: [] for one in fields(Agreement)}
    alone = total = 0
    for first, second in pairs:
        if (first.error is None) != (second.error is None):
            alone, total = alone + 1, total + 1
            continue
        matched, lonely, number = _matched(first, second)
        alone, total = alone + lonely, total + number
        for row, other_row in matched:
            one, other = (first.instances or ())[row], (second.instances or ())[other_row]
            found["boxes_px"] += np.abs(one.box - other.box).tolist()
            if one.landmarks is not None and other.landmarks is not None:
                shift = one.landmarks[:, :2] - other.landmarks[:, :2]
                found["landmarks_px"] += np.linalg.norm(shift, axis=1).tolist()
        found["measured"] += _measured(first, second, dict(matched))
        found["findings"] += _of_findings(first, second)
        found["quality"] += _of_quality(first, second)
        found["restored"] += _of_restored(first, second)
    middle = {name: _median(found[name]) for name in ("landmarks_px", "boxes_px", "measured")}
    largest = {name: max(found[name], default=0.0) for name in ("findings", "quality", "restored")}
    return Agreement(unmatched=alone / max(total, 1), **middle, **largest)


def _matched(first: Reading, second: Reading) -> tuple[list[tuple[int, int]], int, int]:
    """Rows of one object in both, how many have no partner, and how many there are in both."""
    mine, theirs = first.instances or (), second.instances or ()
    overlaps: NDArray[Any] = np.array(
        [[box_iou(a.box, b.box) if a.category == b.category else 0.0 for b in theirs] for a in mine]
    ).reshape(len(mine), len(theirs))
    rows, columns = linear_sum_assignment(overlaps, maximize=True)
    pairs = [
        (int(row), int(column))
        for row, column in zip(rows, columns, strict=True)
        if overlaps[row, column] >= SAME_OBJECT
    ]
    number = len(mine) + len(theirs)
    return pairs, number - 2 * len(pairs), number


def _measured(first: Reading, second: Reading, partner: Mapping[int, int]) -> Iterable[float]:
    """Differences of measurements of the same objects, and of the image."""
    theirs = {(m.name, m.unit, m.instance): m.value for m in second.measurements}
    for one in first.measurements:
        row = None if one.instance is None else partner.get(one.instance, -1)
        other = theirs.get((one.name, one.unit, row))
        if one.value is not None and other is not None:
            yield abs(one.value - other)
        elif (one.value is None) != (other is None) and row != -1:
            yield math.inf


def _of_findings(first: Reading, second: Reading) -> Iterable[float]:
    for name, shares in first.findings.items():
        for value, share in shares.items():
            yield abs(share - second.findings.get(name, {}).get(value, 0.0))


def _of_quality(first: Reading, second: Reading) -> Iterable[float]:
    for name, value in first.quality.items():
        other = second.quality.get(name, float("inf"))
        yield abs(value - other) / max(abs(value), abs(other), 1.0)


def _of_restored(first: Reading, second: Reading) -> Iterable[float]:
    if first.restored is not None and second.restored is not None:
        white = 255 if first.restored.dtype == np.uint8 else 65535
        change = np.abs(first.restored.astype(np.float32) - second.restored.astype(np.float32))
        yield float(change.mean()) * 255 / white


def _median(values: Sequence[float]) -> float:
    return float(np.median(values)) if values else 0.0
