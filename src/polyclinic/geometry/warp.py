"""Resample an image or masks once, through a homography."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.geometry.cover import covered_columns, fill_beside
from polyclinic.geometry.homography import Homography
from polyclinic.geometry.resample import cells_to_average, resample
from polyclinic.sample import Mask, Pixels

Size = tuple[int, int]

# A half that rounding in the interpolation can't turn into less than a half.
_HALF = 0.4999


def warp_image(
    image: Pixels, homography: Homography, size: Size, *, fill: tuple[float, ...] | float = 0
) -> Pixels:
    """Resample an (H, W[, C]) image into a (height, width) frame.

    Where the map shrinks, the image is first averaged over whole cells, so that fine detail is
    not aliased; the averaging is part of the same homography, not a second one.
    Flips, quarter turns and whole-pixel shifts are exact. A target pixel takes `fill` when its
    centre lies outside the source frame, and the nearest edge colour up to there, so that
    enlarging an image does not darken its rim.
    """
    frame = image.shape[:2]
    (cells,) = cells_to_average(homography.matrix[None], np.array([frame]))
    covered = covered_columns(homography, frame, size)
    warped = resample(image, homography.matrix, cells, size, cv2.BORDER_REPLICATE, covered)
    fill_beside(warped, *covered, fill)
    return warped


def warp_mask(mask: Mask, homography: Homography, size: Size) -> Mask:
    """Resample a mask into a (height, width) frame; a pixel is set when half of it was covered.

    Half the interpolated coverage, not the nearest pixel: a shift by half a pixel then widens a
    mask on both sides alike and does not move its middle.
    """
    return warp_masks([mask], homography, size)[0]


def warp_masks(masks: Sequence[Mask], homography: Homography, size: Size) -> list[Mask]:
    """Resample the masks of one image, each as `warp_mask` does.

    Only the patches that can be touched are computed, so thousands of small masks stay cheap.
    """
    moved = [Mask(np.zeros((0, 0), bool), 0, 0, size)] * len(masks)
    rows = [row for row, mask in enumerate(masks) if mask.area]
    if not rows:
        return moved
    full = [masks[row] for row in rows]
    boxes = homography.boxes(np.array([mask.box() for mask in full]))
    limits = np.array([size[1], size[0]])
    first = np.clip(np.floor(boxes[:, :2]), 0, limits).astype(int)
    stop = np.clip(np.ceil(boxes[:, 2:]) + 1, 0, limits).astype(int)
    corners = np.array([(mask.left, mask.top) for mask in full])
    matrices = _between_patches(homography, corners, first)
    cells = cells_to_average(matrices, np.array([mask.shape for mask in full]))
    for row, mask, (left, top), (right, bottom), matrix, cell in zip(
        rows, full, first.tolist(), stop.tolist(), matrices, cells, strict=True
    ):
        if right > left and bottom > top:
            patch, frame = mask.patch.astype(np.float32), (bottom - top, right - left)
            share = resample(patch, matrix, cell, frame, cv2.BORDER_CONSTANT)
            moved[row] = Mask(share >= _HALF, left, top, size)
    return moved


def _between_patches(
    homography: Homography, sources: NDArray[np.int64], targets: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(N, 3, 3) maps between patches with these (N, 2) left top pixels."""
    matrices = np.tile(homography.matrix, (len(sources), 1, 1))
    matrices[:, :2] -= targets[:, :, None] * matrices[:, 2:]
    matrices[:, :, 2] += (matrices[:, :, :2] @ sources[:, :, None])[:, :, 0]
    return matrices / matrices[:, 2:, 2:]
