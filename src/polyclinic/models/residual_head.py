"""From a pyramid of maps and the image itself to what has to be added to the image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from polyclinic.models.dense_head import DenseHead

BLOCK = 2
"""Squares of so many pixels a side become channels of one cell."""


class ResidualHead(nn.Module):
    """A change for every pixel, small at first.

    The levels of the pyramid say what is where, the image has the fine detail. Convolutions see
    both on cells of 2 x 2 pixels whose pixels are channels (Shi et al., CVPR 2016): nothing is
    lost, and they cost a quarter of what they would at full size. No layer can fall silent for
    good, as rectified ones did in trials with Adam: nothing would be restored then.

    Args:
        levels: names of the maps to read, finest first without a gap.
        channels: of every map.
        width: channels inside the head.
        fed: values of a vector that is added to the features everywhere; 0 for none.
    """

    def __init__(self, levels: Sequence[str], channels: int, width: int, fed: int) -> None:
        super().__init__()
        pixels = 3 * BLOCK**2
        self.dense = DenseHead(levels, channels, width, width)
        self.fed = nn.Linear(fed, width) if fed else None
        self.mix = nn.Sequential(
            nn.Conv2d(width + pixels, width, 3, padding=1),
            nn.SiLU(inplace=True),
            nn.Conv2d(width, width, 3, padding=1),
            nn.SiLU(inplace=True),
        )
        self.change = nn.Conv2d(width, pixels, 3, padding=1)
        nn.init.normal_(self.change.weight, std=0.01)
        if self.change.bias is not None:
            nn.init.zeros_(self.change.bias)

    def forward(
        self, pyramid: Mapping[str, Tensor], images: Tensor, vector: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Change (B, 3, H, W) of images (B, 3, H, W), and features (B, width, H / 2, W / 2).

        Args:
            pyramid: maps by level.
            images: RGB on a scale of 0 to 1; even height and width.
            vector: (B, fed) or None.
        """
        cells = F.pixel_unshuffle(images, BLOCK)
        features = self.dense(pyramid, (cells.shape[2], cells.shape[3]))
        if self.fed is not None and vector is not None:
            features = features + self.fed(vector)[:, :, None, None]
        mixed = self.mix(torch.cat([features, cells], 1))
        return F.pixel_shuffle(self.change(mixed).float(), BLOCK), mixed.float()
