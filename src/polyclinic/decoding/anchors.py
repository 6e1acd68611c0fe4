"""Boxes at every cell of several maps, in numpy."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from polyclinic.geometry import Size

CellAnchors = tuple[tuple[tuple[float, float, float, float], ...], ...]
"""Boxes around the corner of a cell, by level and shape."""

MULTIPLE = 32
"""Frames have sides that are multiples of it."""


class AnchorRows(NamedTuple):
    """The anchors of one level that lie in the image, not in its padding.

    Args:
        rows: (N,) of all anchors of all levels.
        boxes: (N, 4) float32, corner-origin network pixels.
    """

    rows: NDArray[np.intp]
    boxes: NDArray[np.float32]


def padded(size: Size) -> Size:
    """(height, width) of the frame of an image of that size."""
    return -(-size[0] // MULTIPLE) * MULTIPLE, -(-size[1] // MULTIPLE) * MULTIPLE


@lru_cache(maxsize=8)
def anchor_grids(
    strides: tuple[int, ...], anchors: CellAnchors, size: Size
) -> tuple[AnchorRows, ...]:
    """Anchors by level for an image of (height, width); by row, column and shape."""
    frame, offset, grids = padded(size), 0, []
    for stride, shapes in zip(strides, anchors, strict=True):
        cells = (-(-frame[0] // stride), -(-frame[1] // stride))
        y, x = np.mgrid[
            : min(cells[0], -(-size[0] // stride)), : min(cells[1], -(-size[1] // stride))
        ]
        rows = offset + (y * cells[1] + x)[..., None] * len(shapes) + np.arange(len(shapes))
        corners = (np.stack([x, y, x, y], axis=-1) * stride).astype(np.float32)
        boxes = corners[:, :, None] + np.array(shapes, np.float32)
        grids.append(AnchorRows(rows.ravel(), boxes.reshape(-1, 4)))
        offset += cells[0] * cells[1] * len(shapes)
    return tuple(grids)
