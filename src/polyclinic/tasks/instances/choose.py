"""Choose anchors and regions to learn from, the same ones whoever else is in the batch."""

from __future__ import annotations

import torch
from torch import Tensor

IGNORE = -1


def choose(labels: Tensor, *, number: int, positive_share: float, key: int) -> Tensor:
    """Draw rows for a loss from one image.

    Args:
        labels: (N,) class, 0 for background, -1 for rows to be ignored.
        number: rows to draw at most.
        positive_share: share of foreground rows at most.
        key: random key of the image.

    Returns:
        Row numbers, foreground first.
    """
    generator = torch.Generator().manual_seed(key)
    positive = _shuffled(torch.nonzero(labels > 0)[:, 0], generator)
    negative = _shuffled(torch.nonzero(labels == 0)[:, 0], generator)
    positive = positive[: int(number * positive_share)]
    return torch.cat([positive, negative[: number - len(positive)]])


def _shuffled(rows: Tensor, generator: torch.Generator) -> Tensor:
    order = torch.randperm(len(rows), generator=generator)
    return rows[order.to(rows.device)]
