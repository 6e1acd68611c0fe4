"""Feature pyramid network over an encoder's maps."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Literal

from torch import Tensor, nn
from torchvision.ops import FeaturePyramidNetwork
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

Finest = Literal["p1", "p2"]
"""Name of the finest level: p1 has a cell every 2 pixels, p2 every 4."""

LEVELS = ("p1", "p2", "p3", "p4", "p5", "p6")


class FeaturePyramid(nn.Module):
    """Bring an encoder's maps to one width and add a coarser one (Lin et al., CVPR 2017, figure 3).

    Each map passes a 1x1 convolution and is added to the coarser result, brought up to its size
    by nearest neighbours; a 3x3 convolution follows. p6 is every second cell of p5.

    Args:
        in_channels: channels of the encoder's maps, finest first, down to stride 32.
        channels: channels of every result.
        finest: level of the encoder's finest map.

    Attributes:
        channels: channels of every result.
        strides: pixels between neighbouring cells, by level.
    """

    def __init__(
        self, in_channels: Sequence[int], channels: int = 256, *, finest: Finest = "p2"
    ) -> None:
        super().__init__()
        self.channels = channels
        self.levels = LEVELS[LEVELS.index(finest) :]
        self.strides = {level: 2 ** int(level[1:]) for level in self.levels}
        self.pyramid = FeaturePyramidNetwork(
            list(in_channels), channels, extra_blocks=LastLevelMaxPool()
        )

    def forward(self, maps: Sequence[Tensor]) -> OrderedDict[str, Tensor]:
        """Turn maps, finest first, into levels by name, p6 the coarsest."""
        merged = self.pyramid(OrderedDict(zip(self.levels[:-1], maps, strict=True)))
        return OrderedDict(zip(self.levels, merged.values(), strict=True))


class SingleLevel(nn.Module):
    """The only map of an encoder as the only level, unchanged.

    Args:
        channels: of the map.
        stride: network pixels a cell; level p2 has 4.
    """

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.channels = channels
        self.strides = {f"p{stride.bit_length() - 1}": stride}

    def forward(self, maps: Sequence[Tensor]) -> OrderedDict[str, Tensor]:
        """Name the map."""
        return OrderedDict(zip(self.strides, maps, strict=True))
