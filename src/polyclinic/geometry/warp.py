"""Resample an image or a mask once, through a homography."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.geometry.homography import Homography
from polyclinic.sample import Mask, Pixels

Size = tuple[int, int]


def warp_image(
    image: Pixels, homography: Homography, size: Size, *, fill: tuple[float, ...] | float = 0
) -> Pixels:
    """Resample an (H, W[, C]) image into a (height, width) frame.

    Where the map shrinks, the image is first averaged over whole k x k cells, so that fine
    detail is not aliased; the averaging is part of the same homography, not a second one.
    Flips, quarter turns and whole-pixel shifts are exact.
    """
    height, width = image.shape[:2]
    shrink = homography.scale_at(((width - 1) / 2, (height - 1) / 2))
    cells = max(1, min(math.floor(1 / max(shrink, 1e-6) + 1e-6), min(height, width)))
    if cells > 1:
        image, to_cells = _average_cells(image, cells)
        homography = homography @ to_cells.inverse()
    colour = fill if isinstance(fill, tuple) else (fill,) * 4
    warped: Pixels = cv2.warpPerspective(  # type: ignore[assignment]
        image,
        homography.matrix,
        (size[1], size[0]),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=colour,
    )
    return warped


def _average_cells(image: Pixels, cells: int) -> tuple[Pixels, Homography]:
    height, width = (n // cells for n in image.shape[:2])
    whole = image[: height * cells, : width * cells]
    small: Pixels = cv2.resize(  # type: ignore[assignment]
        whole, (width, height), interpolation=cv2.INTER_AREA
    )
    return small, Homography.resize((height * cells, width * cells), (height, width))


def warp_mask(mask: Mask, homography: Homography, size: Size) -> Mask:
    """Resample a mask into a (height, width) frame; a pixel is set when its centre was covered.

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
    patch = _nearest(mask.patch, local, (bottom - top, right - left))
    return Mask(patch, left, top, size)


def _nearest(patch: NDArray[np.bool_], homography: Homography, size: Size) -> NDArray[np.bool_]:
    """Look each target centre up in the source: exact, without OpenCV's 1/32 pixel steps."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    source = homography.inverse().points(np.stack([columns, rows], axis=-1))
    x, y = np.floor(source[..., 0] + 0.5).astype(int), np.floor(source[..., 1] + 0.5).astype(int)
    inside = (x >= 0) & (y >= 0) & (x < patch.shape[1]) & (y < patch.shape[0])
    found = np.zeros(size, bool)
    found[inside] = patch[y[inside], x[inside]]
    return found
