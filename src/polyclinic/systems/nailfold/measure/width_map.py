"""How wide a vessel is around each of its points, to a fraction of a pixel."""

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


__all__ = ["WidthMap", "to_edge"]

BLUR = 0.8  # px; turns the stairs of a binary edge into a slope that crosses 0.5 at the edge
MARGIN = 4  # px of background around the mask, so that the blur sees both sides of its edge
NEAR = 40  # steps of a way out that are looked at first
ROUGHLY = 1.0  # px; a disc near a pixel is seldom larger than its rough distance by more


@dataclass(frozen=True, eq=False)
class WidthMap:
    """Distance to the nearest edge of a mask on a grid finer than its pixels.

    Plain distance transforms of a binary mask are wrong by up to a pixel in a diameter, by a
    rule that depends on the direction of the edge. The mask is therefore blurred, enlarged and
    cut at one half again, which puts straight edges where they were, without stairs.

    A diameter is asked for at a few places, so only the surroundings of those are enlarged. How
    far these reach is guessed from a rough distance; a wrong guess costs time, never digits.

    Args:
        soft: (h, w) the blurred mask.
        rough: (h, w) px to the nearest pixel outside, to a few percent.
        left, top: column and row of the first pixel in the frame.
    """

    soft: NDArray[np.float32]
    rough: NDArray[np.float32]
    left: int
    top: int

    @classmethod
    def of(cls, patch: NDArray[np.bool_], left: int, top: int) -> WidthMap:
        """Blur an (h, w) mask patch that lies at (left, top)."""
        hard = cv2.copyMakeBorder(
            patch.view(np.uint8), MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_CONSTANT
        )
        soft = cv2.GaussianBlur(
            hard.astype(np.float32), (0, 0), BLUR, borderType=cv2.BORDER_CONSTANT
        )
        rough = cv2.distanceTransform(hard, cv2.DIST_L2, cv2.DIST_MASK_3)
        return cls(
            np.asarray(soft, np.float32),
            np.asarray(rough, np.float32),
            left - MARGIN,
            top - MARGIN,
        )

    def way_out(
        self, start: NDArray[np.float64], direction: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The last place inside the vessel on the way from (x, y) along a unit vector."""
        steps = np.arange(0, max(self.soft.shape), 1 / FINER)
        places = start + steps[:, None] * direction
        for stop in (NEAR, len(places)):
            inside = self._holds(places[:stop])
            if not inside.all():
                last: NDArray[np.float64] = places[max(int(inside.argmin()) - 1, 0)]
                return last
        return places[-1]

    def half_widths(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Radius in px of the largest disc in the vessel centred within 1 px of (N, 2) points."""
        radii = np.zeros(len(points))
        columns, rows, within = self._cells(points)
        if not len(rows):
            return radii
        reach = int(self.roughly(points).max() + ROUGHLY)
        while True:
            window = WidthWindow.around(self.soft, columns, rows, 1 + reach)
            radii[within], needed = window.half_widths()
            if needed <= reach or reach >= max(self.soft.shape):
                return radii
            reach = min(2 * reach, needed) if reach else 1

    def _holds(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether each of (N, 2) points lies in the vessel."""
        found = np.zeros(len(points), bool)
        columns, rows, within = self._cells(points)
        if len(rows):
            found[within] = WidthWindow.around(self.soft, columns, rows, 0).holds()
        return found

    def roughly(self, points: NDArray[np.float64]) -> NDArray[np.float32]:
        """(N,) about half the width at (N, 2) points, in px."""
        height, width = self.rough.shape
        columns, rows = np.rint(points - (self.left, self.top)).astype(np.intp).T
        return np.asarray(self.rough[rows.clip(0, height - 1), columns.clip(0, width - 1)])

    def _cells(self, points: NDArray[np.float64]) -> tuple[Cells, Cells, NDArray[np.bool_]]:
        """Column and row of the points that lie on the map, and which those are."""
        cells = np.rint((points - (self.left, self.top) + 0.5) * FINER - 0.5).astype(np.intp)
        columns, rows = cells.T
        height, width = self.soft.shape
        within = (rows >= 0) & (columns >= 0)
        within &= (rows < height * FINER) & (columns < width * FINER)
        return columns[within], rows[within], within
