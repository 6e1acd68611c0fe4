"""Outlines to pixels: how much of each is covered, and how deep below the edge it lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
Points = NDArray[np.float64]

_FINE = 4  # sub-pixels a side
_SHIFT = 4  # bits of a sub-pixel's position
_BEYOND_PX = 60  # painted beyond the film, whose border is no edge of a bone


@dataclass(frozen=True, eq=False)
class Stroke:
    """Lines on part of a film whose first pixel is (left, top), as shares of their pixels."""

    left: int
    top: int
    coverage: Plane


@dataclass(frozen=True, eq=False)
class Patch:
    """Part of a film whose first pixel is (left, top); it may reach beyond the film.

    Args:
        coverage: (h, w) share of each pixel inside the outline.
        depth_px: (h, w) distance to the outline, 0 outside.
    """

    left: int
    top: int
    coverage: Plane
    depth_px: Plane

    @property
    def rows(self) -> Plane:
        """(h, 1) row numbers of the film."""
        return np.arange(self.top, self.top + len(self.coverage), dtype=np.float32)[:, None]

    @property
    def columns(self) -> Plane:
        """(1, w) column numbers of the film."""
        return np.arange(self.left, self.left + self.coverage.shape[1], dtype=np.float32)[None]


def fill(outline: Points, size: tuple[int, int]) -> Patch | None:
    """Paint a closed outline; None where it lies off the film.

    Args:
        outline: (N, 2) x, y in pixels, centres at integers.
        size: (height, width) of the film.
    """
    limits = np.array([size[1], size[0]]) + _BEYOND_PX
    low = np.maximum(np.floor(outline.min(0)).astype(int) - 2, -_BEYOND_PX)
    high = np.minimum(np.ceil(outline.max(0)).astype(int) + 3, limits)
    width, height = (int(one) for one in high - low)
    if width < 1 or height < 1:
        return None
    fine = np.zeros((height * _FINE, width * _FINE), np.uint8)
    places = (outline - low + 0.5) * _FINE - 0.5
    cv2.fillPoly(fine, [np.rint(places * 2**_SHIFT).astype(np.int32)], 255, cv2.LINE_8, _SHIFT)
    coarse = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
    inside = (coarse >= 128).astype(np.uint8)
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    smooth = cv2.GaussianBlur(np.maximum(depth - 0.5, 0).astype(np.float32), (0, 0), 0.7)
    return Patch(int(low[0]), int(low[1]), coarse * np.float32(1 / 255), np.asarray(smooth))


def stroke(lines: Sequence[Points], width_px: float, size: tuple[int, int]) -> Stroke | None:
    """Paint lines; None where they lie off the film.

    Args:
        lines: each (N, 2) x, y in pixels.
        width_px: full width at half of the height; lines have soft sides.
        size: (height, width) of the film.
    """
    reach = 2 * width_px + 2
    everything = np.concatenate(lines)
    low = np.maximum(np.floor(everything.min(0) - reach).astype(int), -_BEYOND_PX)
    limits = np.array([size[1], size[0]]) + _BEYOND_PX
    width, height = np.minimum(np.ceil(everything.max(0) + reach).astype(int), limits) - low
    if width < 1 or height < 1:
        return None
    patch = np.zeros((height, width), np.uint8)
    rounded = [np.rint((one - low) * 2**_SHIFT).astype(np.int32) for one in lines]
    thick = max(round(0.8 * width_px), 1)
    cv2.polylines(patch, rounded, False, 255, thick, cv2.LINE_AA, _SHIFT)
    soft = cv2.GaussianBlur(patch, (0, 0), max(0.25 * width_px, 0.5))
    return Stroke(int(low[0]), int(low[1]), soft.astype(np.float32) * np.float32(1 / 255))


def add(canvas: Plane, left: int, top: int, patch: Plane) -> None:
    """Add a patch where it lies inside the canvas."""
    height, width = canvas.shape
    y1, x1 = max(top, 0), max(left, 0)
    y2, x2 = min(top + patch.shape[0], height), min(left + patch.shape[1], width)
    if y1 < y2 and x1 < x2:
        canvas[y1:y2, x1:x2] += patch[y1 - top : y2 - top, x1 - left : x2 - left]
