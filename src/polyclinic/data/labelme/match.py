"""Which group of points belongs to which outlined object."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from polyclinic.data.labelme.shapes import Outline, Point, PointGroup
from polyclinic.sample import Mask

# Stronger than any number of points inside: a group_id shared in one file is the drawer's word.
_SAME_GROUP = 1000.0


def match_groups(
    groups: Sequence[PointGroup], outlines: Sequence[Outline], masks: Sequence[Mask]
) -> dict[int, int]:
    """Outline index of each group that has one: most points inside, one group an outline."""
    if not groups or not outlines:
        return {}
    score = np.array(
        [
            [
                sum(_covers(mask, point) for point in group.points.values())
                + _SAME_GROUP * (outline.group == group.group)
                for outline, mask in zip(outlines, masks, strict=True)
            ]
            for group in groups
        ]
    )
    pairs = zip(*linear_sum_assignment(score, maximize=True), strict=True)
    return {int(row): int(column) for row, column in pairs if score[row, column] > 0}


def _covers(mask: Mask, point: Point) -> bool:
    column, row = round(point[0]) - mask.left, round(point[1]) - mask.top
    height, width = mask.patch.shape
    return 0 <= row < height and 0 <= column < width and bool(mask.patch[row, column])
