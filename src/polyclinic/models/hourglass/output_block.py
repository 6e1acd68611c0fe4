"""From the map of an hourglass to one heat map a landmark."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from polyclinic.models.hourglass.blocks import conv_relu
from polyclinic.models.hourglass.config import Kernel


class OutputBlock(nn.Module):
    """Dropout of whole channels before each of two convolutions, then the heat maps.

    Args:
        level: name of the map to read.
        channels: 8 N.
        outputs: number M of heat maps.
        kernel: of the two convolutions; the last is 1x1 in any case.
        dropout: probability that a channel is left out in training.

    Source: KNEEL, ICCV workshop VRMI 2019; sizes as in its code.
    """

    def __init__(
        self, level: str, channels: int, outputs: int, *, kernel: Kernel, dropout: float
    ) -> None:
        super().__init__()
        self.level = level
        self.path = nn.Sequential(
            nn.Dropout2d(dropout),
            conv_relu(channels, channels, kernel),
            nn.Dropout2d(dropout),
            conv_relu(channels, channels // 2, kernel),
            nn.Conv2d(channels // 2, outputs, 1),
        )

    def forward(self, pyramid: Mapping[str, Tensor]) -> Tensor:
        """Maps by level to logits (B, M, h, w) in float32."""
        logits: Tensor = self.path(pyramid[self.level])
        return logits.float()
