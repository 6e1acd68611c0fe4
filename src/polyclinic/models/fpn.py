"""Feature pyramid network over an encoder's maps."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from torch import Tensor, nn
from torchvision.ops import FeaturePyramidNetwork
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

LEVELS = ("p2", "p3", "p4", "p5", "p6")


class FeaturePyramid(nn.Module):
    """Four maps to five of one width (Lin et al., CVPR 2017, figure 3).

    Each map passes a 1x1 convolution and is added to the coarser result, brought up to its size
    by nearest neighbours; a 3x3 convolution follows. p6 is every second cell of p5.

    Args:
        in_channels: channels of the encoder's maps at strides 4, 8, 16 and 32.
        channels: channels of every result.

    Attributes:
        channels: channels of every result.
        strides: pixels between neighbouring cells, by level.
    """

    def __init__(self, in_channels: Sequence[int], channels: int = 256) -> None:
        super().__init__()
        self.channels = channels
        self.strides = {level: 2 ** int(level[1:]) for level in LEVELS}
        self.pyramid = FeaturePyramidNetwork(
            list(in_channels), channels, extra_blocks=LastLevelMaxPool()
        )

    def forward(self, maps: Sequence[Tensor]) -> OrderedDict[str, Tensor]:
        """Turn maps, finest first, into p2 to p6."""
        merged = self.pyramid(OrderedDict(zip(LEVELS, maps, strict=False)))
        return OrderedDict(zip(LEVELS, merged.values(), strict=True))
