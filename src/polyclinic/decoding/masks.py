"""Masks of objects, from the grid of their own box."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.decoding.decoder import Decoder, Found
from polyclinic.decoding.draft import Draft
from polyclinic.geometry import Homography, Size, warp_image
from polyclinic.sample import Mask


class MaskDecoder(Decoder):
    """Adds masks to instances."""

    def decode(self, found: Found, draft: Draft) -> None:
        """Paste each grid into the original image; a grid that covers no pixel gives no mask.

        Args:
            found: `probabilities` (N, maps, cells, cells), a map a class or one for all, `labels`
                (N,), `boxes` (N, 4) corner-origin network pixels.
            draft: has the N instances.
        """
        maps = found["probabilities"]
        chosen = found["labels"] if maps.shape[1] > 1 else np.zeros(len(maps), np.int64)
        grids = maps[np.arange(len(maps)), chosen].astype(np.float32)
        for values, grid, box in zip(draft.instances or [], grids, found["boxes"], strict=True):
            mask = paste_mask(grid, box, draft.to_network, draft.sample.size)
            values["mask"] = mask if mask.area else None


def paste_mask(
    probabilities: NDArray[np.float32],
    box: NDArray[Any],
    to_network: Homography,
    size: Size,
) -> Mask:
    """Lay a grid of probabilities over its box and cut at one half, in original pixels.

    Args:
        probabilities: (cells, cells).
        box: (4,) x1, y1, x2, y2 corner-origin network pixels.
        to_network: original to network pixels.
        size: (height, width) of the original image.
    """
    cells = probabilities.shape[0]
    x1, y1, x2, y2 = (float(v) for v in box)
    per_cell = np.array([(x2 - x1) / cells, (y2 - y1) / cells])
    corner = np.array([x1, y1]) + per_cell / 2 - 0.5
    grid_to_network = Homography(
        np.array([[per_cell[0], 0, corner[0]], [0, per_cell[1], corner[1]], [0, 0, 1.0]])
    )
    to_original = to_network.inverse() @ grid_to_network
    left, top, right, bottom = to_original.boxes(
        np.array([[-0.5, -0.5, cells - 0.5, cells - 0.5]])
    )[0]
    left, top = max(0, math.floor(left)), max(0, math.floor(top))
    right, bottom = min(size[1], math.ceil(right) + 1), min(size[0], math.ceil(bottom) + 1)
    if right <= left or bottom <= top:
        return Mask(np.zeros((0, 0), bool), 0, 0, size)
    window = Homography.translation(-left, -top) @ to_original
    patch = warp_image(probabilities, window, (bottom - top, right - left)) >= 0.5
    return _trimmed(patch, left, top, size)


def _trimmed(patch: NDArray[np.bool_], left: int, top: int, size: Size) -> Mask:
    tight = Mask.from_array(patch)
    return Mask(tight.patch, left + tight.left, top + tight.top, size)
