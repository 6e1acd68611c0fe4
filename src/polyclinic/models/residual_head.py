"""From a pyramid of maps and the image itself to what has to be added to the image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from polyclinic.models.dense_head import DenseHead


class ResidualHead(nn.Module):
    """A change for every pixel, none at first.

    The levels of the pyramid give features at full size; two convolutions see them beside the
    image, whose fine detail the pyramid no longer has.

    Args:
        levels: names of the maps to read, finest first without a gap.
        channels: of every map.
        width: channels inside the head.
        fed: values of a vector that is added to the features everywhere; 0 for none.
    """

    def __init__(self, levels: Sequence[str], channels: int, width: int, fed: int) -> None:
        super().__init__()
        self.width = width
        self.dense = DenseHead(levels, channels, width, width)
        self.fed = nn.Linear(fed, width) if fed else None
        self.mix = nn.Conv2d(width + 3, width, 3, padding=1)
        self.change = nn.Conv2d(width, 3, 3, padding=1)
        nn.init.zeros_(self.change.weight)
        nn.init.zeros_(self.change.bias)

    def forward(
        self, pyramid: Mapping[str, Tensor], images: Tensor, vector: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Change (B, 3, H, W) of images (B, 3, H, W), and features (B, width, H, W).

        Args:
            pyramid: maps by level.
            images: RGB on a scale of 0 to 1.
            vector: (B, fed) or None.
        """
        features = self.dense(pyramid, (images.shape[2], images.shape[3]))
        if self.fed is not None and vector is not None:
            features = features + self.fed(vector)[:, :, None, None]
        mixed = F.relu(self.mix(torch.cat([features, images], 1)))
        return self.change(mixed).float(), mixed
