"""How wide a vessel is around each of its points, to a fraction of a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.systems.nailfold.measure.width_window import FINER, Cells, WidthWindow, to_edge

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
