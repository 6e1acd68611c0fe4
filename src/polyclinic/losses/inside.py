"""Which pixels of a padded batch belong to its images."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def inside_images(
    sizes: Sequence[tuple[int, int]],
    frame: tuple[int, int],
    *,
    device: torch.device | None = None,
) -> Tensor:
    """(B, H, W) true on the top left part of the frame that each image covers.

    Args:
        sizes: (height, width) of each image.
        frame: (H, W) that all of them are padded to, right and below.
        device: where the answer is needed.
    """
    extents = torch.tensor(list(sizes), device=device).reshape(-1, 2, 1)
    rows, columns = (
        torch.arange(length, device=device) < extents[:, axis] for axis, length in enumerate(frame)
    )
    return rows[:, :, None] & columns[:, None, :]
