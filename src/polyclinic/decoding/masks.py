"""Masks of objects, from the grid of their own box to the original image."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.decoding.decoder import Decoder, Found, ReadingBuilder
from polyclinic.errors import DataError
from polyclinic.geometry import Homography, Size, warp_image
from polyclinic.geometry.resample import cells_to_average, resample
from polyclinic.sample import Mask

SLACK = 1e-9  # centres on the edge of a grid are inside, whatever rounding makes of them


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
    return paste_masks(probabilities[None], box[None], to_network, size)[0]


def paste_masks(
    probabilities: NDArray[np.float32],
    boxes: NDArray[Any],
    to_network: Homography,
    size: Size,
) -> list[Mask]:
    """The same for all objects of an image: (N, cells, cells) over (N, 4) boxes.

    What is worked out of the maps is worked out for all at once, which takes most of the time.
    """
    if not len(boxes):
        return []
    cells = probabilities.shape[1]
    to_original = _grids_to_original(np.asarray(boxes, float), cells, to_network)
    corners = np.array([[x, y, 1.0] for x in (-0.5, cells - 0.5) for y in (-0.5, cells - 0.5)])
    moved = corners @ to_original.transpose(0, 2, 1)
    edges = moved[..., :2] / moved[..., 2:]
    first = np.maximum(np.floor(edges.min(1)), 0).astype(int)
    stop = np.minimum(np.ceil(edges.max(1)) + 1, [size[1], size[0]]).astype(int)
    windows = to_original.copy()
    windows[:, :2] -= first[:, :, None] * windows[:, 2:]
    patches = _warped(probabilities, windows, stop - first)
    return [
        _trimmed(patch, left, top, size)
        for patch, (left, top) in zip(patches, first.tolist(), strict=True)
    ]


def _grids_to_original(
    boxes: NDArray[np.float64], cells: int, to_network: Homography
) -> NDArray[np.float64]:
    """(N, 3, 3) from the cells of each grid to original pixels."""
    per_cell = (boxes[:, 2:] - boxes[:, :2]) / cells
    grids = np.zeros((len(boxes), 3, 3))
    grids[:, 0, 0], grids[:, 1, 1] = per_cell.T
    grids[:, :2, 2] = boxes[:, :2] + per_cell / 2 - 0.5
    grids[:, 2, 2] = 1
    flat = np.abs(per_cell.prod(1)) < 1e-12
    if flat.any() or not np.isfinite(grids).all():
        raise DataError("a box has no area", expected="x1 < x2 and y1 < y2, finite")
    to_original = to_network.inverse().matrix @ grids
    return np.asarray(to_original / to_original[:, 2:, 2:])


def _warped(
    grids: NDArray[np.float32], windows: NDArray[np.float64], sizes: NDArray[np.int_]
) -> Iterator[NDArray[np.bool_]]:
    """Where each grid is at least one half, in a window of (columns, rows) of its own.

    As `warp_image` does it, but where nothing is turned the covered part is a rectangle.
    """
    cells = grids.shape[1]
    averaged = cells_to_average(windows, np.full((len(grids), 2), cells))
    scale, shift = windows[:, [0, 1], [0, 1]], windows[:, :2, 2]
    turned = windows[:, [0, 1, 2, 2], [1, 0, 0, 1]].any(1)
    upright = np.asarray((scale > 0).all(1) & ~turned, bool)
    limits = np.maximum(sizes, 0)
    first = np.clip(np.ceil(shift - (0.5 + SLACK) * scale), 0, limits).astype(int)
    stop = np.clip(np.floor(shift + (cells - 0.5 + SLACK) * scale) + 1, 0, limits).astype(int)
    for grid, window, (width, height), cell, is_upright, (left, top), (right, bottom) in zip(
        grids,
        windows,
        sizes.tolist(),
        averaged,
        upright.tolist(),
        first.tolist(),
        stop.tolist(),
        strict=True,
    ):
        if width <= 0 or height <= 0:
            yield np.zeros((0, 0), bool)
        elif is_upright:
            share = resample(grid, window, cell, (height, width), cv2.BORDER_REPLICATE)
            patch = np.zeros((height, width), bool)
            patch[top:bottom, left:right] = share[top:bottom, left:right] >= 0.5
            yield patch
        else:
            yield warp_image(grid, Homography(window), (height, width)) >= 0.5


def _trimmed(patch: NDArray[np.bool_], left: int, top: int, size: Size) -> Mask:
    rows, columns = np.flatnonzero(patch.any(1)), np.flatnonzero(patch.any(0))
    if not len(rows):
        return Mask(np.zeros((0, 0), bool), 0, 0, size)
    tight = patch[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Mask(tight, left + int(columns[0]), top + int(rows[0]), size)


__all__ = ["MaskDecoder", "paste_mask"]


class MaskDecoder(Decoder):
    """Adds masks to instances.

    Args:
        not_taught: rows of the classes that get none, for no mask of one was trained on.
    """

    not_taught: tuple[int, ...] = ()

    def decode(self, found: Found, draft: ReadingBuilder) -> None:
        """Paste each grid into the original image; a grid that covers no pixel gives no mask.

        Args:
            found: `probabilities` (N, maps, cells, cells), a map a class or one for all, `labels`
                (N,), `boxes` (N, 4) corner-origin network pixels.
            draft: has the N instances.
        """
        maps = found["probabilities"]
        chosen = found["labels"] if maps.shape[1] > 1 else np.zeros(len(maps), np.int64)
        grids = maps[np.arange(len(maps)), chosen].astype(np.float32)
        masks = paste_masks(grids, found["boxes"], draft.to_network, draft.sample.size)
        for values, mask in zip(draft.instances or [], masks, strict=True):
            known = values["category"] not in self.not_taught
            values["mask"] = mask if known and mask.area else None
