"""Cells over which a half of a film is averaged, for all the views that shrink it.

`warp_image` averages the whole of what it is given for each view. Views of one half at one scale
share their cells, and each needs those under it alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.geometry import Homography, Size, warp_image
from polyclinic.geometry.cover import covered_columns, fill_beside
from polyclinic.geometry.resample import cells_to_average, resample
from polyclinic.sample import Pixels

Box = tuple[int, int, int, int]
"""First row and column, and one past the last ones."""

_REACH = 2
"""Cells beside a view that interpolation may touch."""


@dataclass(eq=False)
class _Averaged:
    """(h, w, 3) averages of all cells, of which those in a box are there."""

    pixels: Pixels
    there: Box | None = None


@dataclass(frozen=True, eq=False)
class HalfCells:
    """The pixels of a half and what was averaged of them.

    Args:
        pixels: (H, W, 3) of the half, not written to.
        beside: share of a view by which more is averaged on each side of it, for views that are
            moved a little.
    """

    pixels: Pixels
    beside: float = 0.0
    _by_cell: dict[Size, _Averaged] = field(default_factory=dict, repr=False)

    def view(self, to_view: Homography, size: Size) -> Pixels:
        """What `warp_image` gives of the half, to the last bit.

        Args:
            to_view: affine, from the half to the view.
            size: (height, width) of the view.
        """
        frame = self.pixels.shape[:2]
        (cell,) = cells_to_average(to_view.matrix[None], np.array([frame]))
        if cell == (1, 1):
            return warp_image(self.pixels, to_view, size)
        from_cells = to_view @ Homography.resize((1, 1), cell)
        small = self._averaged(cell, from_cells.inverse(), size)
        covered = covered_columns(to_view, frame, size)
        view = resample(small, from_cells.matrix, (1, 1), size, cv2.BORDER_REPLICATE, covered)
        fill_beside(view, *covered, 0)
        return view

    def _averaged(self, cell: Size, to_cells: Homography, size: Size) -> Pixels:
        """(h, w, 3) averages, there where a view of (height, width) sees them."""
        height, width = (
            math.ceil(side / of) for side, of in zip(self.pixels.shape, cell, strict=False)
        )
        if cell not in self._by_cell:
            empty = np.zeros((height, width, *self.pixels.shape[2:]), self.pixels.dtype)
            self._by_cell[cell] = _Averaged(empty)
        kept = self._by_cell[cell]
        seen = to_cells.boxes(np.array([0, 0, size[1] - 1, size[0] - 1]))[0]
        if kept.there is None or not _holds(kept.there, _box(seen, 0, (height, width))):
            kept.there = _joined(_box(seen, self.beside, (height, width)), kept.there)
            self._average(cell, kept.there, kept.pixels)
        return kept.pixels

    def _average(self, cell: Size, box: Box, into: Pixels) -> None:
        (rows, columns), matrix = cell, Homography.resize((1, 1), cell).inverse().matrix
        whole = self.pixels.shape[0] // rows, self.pixels.shape[1] // columns
        for top, left, bottom, right in _pieces(box, whole):
            part = self.pixels[top * rows : bottom * rows, left * columns : right * columns]
            size = bottom - top, right - left
            averages = resample(part, matrix, cell, size, cv2.BORDER_REPLICATE)
            into[top:bottom, left:right] = averages


def _box(seen: NDArray[np.float64], beside: float, frame: Size) -> Box:
    """The cells under a view and some more; at least one, as beside the half its edge is seen."""
    low, high = seen[:2], seen[2:]
    more = beside * (high - low) + _REACH
    limits = np.array(frame[::-1])
    first = np.floor(low - more).clip(0, limits - 1).astype(int)
    stop = np.ceil(high + more + 1).clip(first + 1, limits).astype(int)
    return int(first[1]), int(first[0]), int(stop[1]), int(stop[0])


def _pieces(box: Box, whole: Size) -> Iterator[Box]:
    """The whole cells of a box, then those that the rim of the half cuts.

    Cut cells are filled up from the border, for which OpenCV copies all that it is given.
    """
    top, left, bottom, right = box
    below, beside = max(top, min(bottom, whole[0])), max(left, min(right, whole[1]))
    pieces = (top, left, below, beside), (top, beside, bottom, right), (below, left, bottom, beside)
    return (one for one in pieces if one[0] < one[2] and one[1] < one[3])


def _holds(there: Box, box: Box) -> bool:
    return _joined(there, box) == there


def _joined(one: Box, other: Box | None) -> Box:
    if other is None:
        return one
    top, left, bottom, right = zip(one, other, strict=True)
    return min(top), min(left), max(bottom), max(right)
