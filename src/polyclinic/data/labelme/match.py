"""Which group of points belongs to which outlined object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from polyclinic.data.labelme.shapes import Outline, Point, PointGroup
from polyclinic.data.outlines import Box
from polyclinic.sample import Mask

# Stronger than any number of points inside: a group_id shared in one file is the drawer's word.
_SAME_GROUP = 1000.0


@dataclass(frozen=True, eq=False)
class Drawn:
    """An outlined object in its image; without a mask where it was boxed."""

    outline: Outline
    box: Box
    mask: Mask | None


def match_groups(groups: Sequence[PointGroup], drawn: Sequence[Drawn]) -> dict[int, int]:
    """Outline index of each group that has one: most points inside, one group an outline."""
    if not groups or not drawn:
        return {}
    score = np.array(
        [
            [
                sum(_covers(one, point) for point in group.points.values())
                + _SAME_GROUP * (one.outline.group == group.group)
                for one in drawn
            ]
            for group in groups
        ]
    )
    pairs = zip(*linear_sum_assignment(score, maximize=True), strict=True)
    return {int(row): int(column) for row, column in pairs if score[row, column] > 0}


def _covers(drawn: Drawn, point: Point) -> bool:
    if drawn.mask is None:
        x1, y1, x2, y2 = drawn.box.tolist()
        return bool(x1 <= point[0] <= x2 and y1 <= point[1] <= y2)
    mask = drawn.mask
    column, row = round(point[0]) - mask.left, round(point[1]) - mask.top
    height, width = mask.shape
    return 0 <= row < height and 0 <= column < width and bool(mask.patch[row, column])
