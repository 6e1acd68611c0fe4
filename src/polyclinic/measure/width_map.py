"""How wide a vessel is around each of its points, to a fraction of a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

FINER = 4  # cells of the distance map per pixel, along each axis
BLUR = 0.8  # px; turns the stairs of a binary edge into a slope that crosses 0.5 at the edge
# Cells from the centre of the first cell outside back to the edge: half a cell, less a quarter
# for the middle line, which on average lies that far from the centre of the nearest cell.
TO_EDGE = 0.25
MARGIN = 4  # px of background around the mask, so that the blur sees both sides of its edge


@dataclass(frozen=True, eq=False)
class WidthMap:
    """Distance to the nearest edge of a mask on a grid finer than its pixels.

    Plain distance transforms of a binary mask are wrong by up to a pixel in a diameter, by a
    rule that depends on the direction of the edge. The mask is therefore blurred, enlarged and
    cut at one half again, which puts straight edges where they were, without stairs.

    Args:
        distance: (h, w) px to the nearest edge.
        left, top: column and row of the mask's first pixel in its frame.
    """

    distance: NDArray[np.float32]
    left: int
    top: int

    @classmethod
    def of(cls, patch: NDArray[np.bool_], left: int, top: int) -> WidthMap:
        """Measure an (h, w) mask patch that lies at (left, top)."""
        hard = np.pad(patch.astype(np.float32), MARGIN)
        soft = cv2.GaussianBlur(hard, (0, 0), BLUR, borderType=cv2.BORDER_CONSTANT)
        height, width = soft.shape
        fine = cv2.resize(soft, (width * FINER, height * FINER), interpolation=cv2.INTER_LINEAR)
        inside = (fine >= 0.5).astype(np.uint8)
        cells = to_edge(inside)
        distance = np.maximum(cells - TO_EDGE, 0) / FINER
        ridge = cv2.dilate(distance, np.ones((2 * FINER + 1, 2 * FINER + 1), np.uint8))
        return cls(np.where(inside, ridge, np.float32(0)), left - MARGIN, top - MARGIN)

    def way_out(
        self, start: NDArray[np.float64], direction: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The last place inside the vessel on the way from (x, y) along a unit vector."""
        steps = np.arange(0, max(self.distance.shape) / FINER, 1 / FINER)
        places = start + steps[:, None] * direction
        outside = np.flatnonzero(self.half_widths(places) <= 0)
        last: NDArray[np.float64] = places[max(int(outside[0]) - 1, 0) if len(outside) else -1]
        return last

    def half_widths(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Radius in px of the largest disc in the vessel centred within 1 px of (N, 2) points."""
        cells = (points - [self.left, self.top] + 0.5) * FINER - 0.5
        columns, rows = np.round(cells).astype(int).T
        height, width = self.distance.shape
        inside = (rows >= 0) & (columns >= 0) & (rows < height) & (columns < width)
        radii = np.zeros(len(points))
        radii[inside] = self.distance[rows[inside], columns[inside]]
        return radii


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
