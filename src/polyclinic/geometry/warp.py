"""Resample an image or a mask once, through a homography."""

from __future__ import annotations

import math
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.geometry.homography import Homography
from polyclinic.sample import Mask, Pixels

Size = tuple[int, int]

# A half that rounding in the interpolation can't turn into less than a half.
_HALF = 0.4999
_WIDEST_CELL = 256


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
    warped = _resample(image, homography, size, cv2.BORDER_REPLICATE)
    if not _covers(homography, frame, size, corners=True).all():
        warped[~_covers(homography, frame, size)] = fill
    return warped


def warp_mask(mask: Mask, homography: Homography, size: Size) -> Mask:
    """Resample a mask into a (height, width) frame; a pixel is set when half of it was covered.

    Half the interpolated coverage, not the nearest pixel: a shift by half a pixel then widens a
    mask on both sides alike and does not move its middle.

    Only the patch that can be touched is computed, so thousands of small masks stay cheap.
    """
    empty = Mask(np.zeros((0, 0), bool), 0, 0, size)
    if not mask.patch.size:
        return empty
    x1, y1, x2, y2 = homography.boxes(mask.box()[None])[0] if mask.area else (0, 0, 0, 0)
    left, top = max(0, math.floor(x1)), max(0, math.floor(y1))
    right, bottom = min(size[1], math.ceil(x2) + 1), min(size[0], math.ceil(y2) + 1)
    if right <= left or bottom <= top:
        return empty
    local = (
        Homography.translation(-left, -top)
        @ homography
        @ Homography.translation(mask.left, mask.top)
    )
    share = _resample(
        mask.patch.astype(np.float32), local, (bottom - top, right - left), cv2.BORDER_CONSTANT
    )
    return Mask(share >= _HALF, left, top, size)


def _resample(image: Pixels, homography: Homography, size: Size, border: int) -> Pixels:
    """Average, then interpolate linearly; `border` is OpenCV's rule for what lies outside."""
    small, to_small = _average_cells(image, _cells(homography, image.shape[:2]), border)
    warped = cv2.warpPerspective(
        small,
        (homography @ to_small.inverse()).matrix,
        (size[1], size[0]),
        flags=cv2.INTER_LINEAR,
        borderMode=border,
    )
    return cast(Pixels, warped.reshape(*size, *image.shape[2:]))


def _cells(homography: Homography, frame: Size) -> Size:
    """Rows and columns to average: the map then shrinks by less than two along each axis.

    Below two, linear interpolation still touches every source pixel. A cell may be wider than
    a small patch, whose share of it then counts; the limit only bounds the memory.
    """
    height, width = frame
    steps = np.linalg.norm(homography.jacobian_at(((width - 1) / 2, (height - 1) / 2)), axis=0)
    columns, rows = (math.floor(1 / max(step, 1e-6) + 1e-6) for step in steps)
    return (
        min(max(rows, 1), max(height, _WIDEST_CELL)),
        min(max(columns, 1), max(width, _WIDEST_CELL)),
    )


def _average_cells(image: Pixels, cells: Size, border: int) -> tuple[Pixels, Homography]:
    """Average (rows, columns) cells; a last, cut cell is filled up from the border."""
    if cells == (1, 1):
        return image, Homography.identity()
    height, width = (math.ceil(n / k) for n, k in zip(image.shape[:2], cells, strict=True))
    whole = (height * cells[0], width * cells[1])
    padding = (0, whole[0] - image.shape[0], 0, whole[1] - image.shape[1])
    padded = cv2.copyMakeBorder(image, *padding, borderType=border)
    small = cv2.resize(padded, (width, height), interpolation=cv2.INTER_AREA)
    return cast(Pixels, small), Homography.resize(whole, (height, width))


def _covers(
    homography: Homography, frame: Size, size: Size, *, corners: bool = False
) -> NDArray[np.bool_]:
    """Which target pixels (or only the four in the corners) have their centre in the source.

    The source frame is convex, so the whole target is covered when its corners are.
    """
    step = (max(size[0] - 1, 1), max(size[1] - 1, 1)) if corners else (1, 1)
    rows, columns = np.arange(0, size[0], step[0])[:, None], np.arange(0, size[1], step[1])
    x, y, weight = (a * columns + b * rows + c for a, b, c in np.linalg.inv(homography.matrix))
    # Multiplied by the weight instead of divided: what lies behind the horizon is outside too.
    low, right, bottom = -0.5 * weight, (frame[1] - 0.5) * weight, (frame[0] - 0.5) * weight
    slack = 1e-9 * np.abs(weight)
    covered: NDArray[np.bool_] = (
        (x >= low - slack) & (y >= low - slack) & (x <= right + slack) & (y <= bottom + slack)
    )
    return covered
