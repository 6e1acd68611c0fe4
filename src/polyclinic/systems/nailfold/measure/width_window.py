"""A part of a vessel, on a grid finer than the pixels of its mask."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

FINER = 4  # cells per pixel, along each axis
# Cells from the centre of the first cell outside back to the edge: half a cell, less a quarter
# for the middle line, which on average lies that far from the centre of the nearest cell.
TO_EDGE = np.float32(0.25)
AROUND = np.ones((2 * FINER + 1, 2 * FINER + 1), np.uint8)

Cells = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class WidthWindow:
    """Which cells of a rectangle lie in the vessel.

    Args:
        inside: (h, w) ones in the vessel.
        columns, rows: (N,) cells that were asked for, counted from the window's first one.
    """

    inside: NDArray[np.uint8]
    columns: Cells
    rows: Cells

    @classmethod
    def around(
        cls, soft: NDArray[np.float32], columns: Cells, rows: Cells, margin: int
    ) -> WidthWindow:
        """Cut out cells of a mask with what lies up to `margin` px around them.

        Args:
            soft: (h, w) the blurred mask; a cell is inside where it is at least one half, between
                pixels as linear interpolation has it.
            columns: those of the cells asked for, at least one.
            rows: theirs.
            margin: px.
        """
        height, width = soft.shape
        left, right = _span(columns, margin, width)
        top, bottom = _span(rows, margin, height)
        # One pixel more on each side, which the outermost cells are interpolated from.
        x, y = max(left - 1, 0), max(top - 1, 0)
        wider = soft[y : bottom + 1, x : right + 1]
        size = wider.shape[1] * FINER, wider.shape[0] * FINER
        fine = np.asarray(cv2.resize(wider, size, interpolation=cv2.INTER_LINEAR))
        across = slice((left - x) * FINER, (right - x) * FINER)
        down = slice((top - y) * FINER, (bottom - y) * FINER)
        inside = (fine[down, across] >= 0.5).view(np.uint8)
        return cls(inside, columns - left * FINER, rows - top * FINER)

    def holds(self) -> NDArray[np.bool_]:
        """(N,) whether the cells asked for lie in the vessel."""
        return self.inside[self.rows, self.columns] > 0

    def half_widths(self) -> tuple[NDArray[np.float32], int]:
        """Radius of the largest disc in the vessel centred within a pixel of each cell.

        Returns:
            (N,) px; the least margin beyond that pixel, in px, with which it is certain that no
            nearer edge lies outside the window.
        """
        columns, rows = self.columns, self.rows
        left, top = max(int(columns.min()) - FINER, 0), max(int(rows.min()) - FINER, 0)
        right, bottom = int(columns.max()) + FINER + 1, int(rows.max()) + FINER + 1
        largest = cv2.dilate(to_edge(self.inside)[top:bottom, left:right], AROUND)
        widest = np.asarray(largest[rows - top, columns - left], np.float32)
        radii = np.maximum(widest - TO_EDGE, 0) / np.float32(FINER)
        # With a margin of one pixel the first cell beyond is five away from any that counts.
        needed = math.ceil((float(widest.max()) - 1) / FINER)
        return np.where(self.holds(), radii, np.float32(0)), needed


def to_edge(inside: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Cells from each cell to the nearest one outside.

    Without Intel's primitives, whose last digits depend on where in memory the mask lies.
    """
    primitives = cv2.ipp.useIPP()
    cv2.ipp.setUseIPP(False)  # of this thread alone
    try:
        return np.asarray(
            cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32
        )
    finally:
        cv2.ipp.setUseIPP(primitives)


def _span(cells: Cells, margin: int, size: int) -> tuple[int, int]:
    """First pixel and one past the last that hold some cells with a margin, on the map."""
    first, last = int(cells.min()) // FINER, int(cells.max()) // FINER
    return max(first - margin, 0), min(last + margin + 1, size)
