"""Entry and hourglass: from an image to one map at a quarter of its size."""

from __future__ import annotations

from functools import partial

import torch.nn.functional as F
from torch import Tensor, nn

from polyclinic.errors import ConfigError
from polyclinic.models.hourglass.blocks import BLOCKS, conv_relu
from polyclinic.models.hourglass.config import HourglassConfig, Upsampling


class Hourglass(nn.Sequential):
    """(B, 3, H, W) to (B, 8 N, H // 4, W // 4): 450 x 450 pixels give 112 x 112 cells.

    Args:
        config: width N, depth, blocks.

    Source: KNEEL, ICCV workshop VRMI 2019; sizes as in its code.
    """

    def __init__(self, config: HourglassConfig) -> None:
        block = partial(BLOCKS[config.block], kernel=config.kernel)
        width = config.width
        super().__init__(
            conv_relu(3, width, 7, stride=2),
            block(width, 2 * width),
            nn.MaxPool2d(2),
            block(2 * width, 2 * width),
            block(2 * width, 2 * width),
            block(2 * width, 4 * width),
            Level(config, 4 * width, config.depth),
        )


class Level(nn.Module):
    """One level of the hourglass, with all those inside it.

    The upper path keeps the size; the lower one halves it, goes through the levels inside, and
    comes back. The two are added.

    Args:
        config: of the hourglass.
        inputs: channels in; 8 N come out.
        depth: levels from here to the innermost, which is 1.
    """

    def __init__(self, config: HourglassConfig, inputs: int, depth: int) -> None:
        super().__init__()
        outermost = depth == config.depth
        block = partial(BLOCKS[config.block if outermost else config.inner], kernel=config.kernel)
        narrow, wide = 4 * config.width, 8 * config.width
        self.least = 2**depth
        self.upsampling: Upsampling = config.upsampling
        self.upper = nn.Sequential(
            block(inputs, narrow), block(narrow, narrow), block(narrow, wide)
        )
        self.lower = nn.Sequential(
            nn.MaxPool2d(2),
            block(inputs, narrow),
            block(narrow, narrow),
            block(narrow, narrow),
            Level(config, narrow, depth - 1) if depth > 1 else block(narrow, wide),
            block(wide, wide),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, h, w) to (B, 8 N, h, w).

        Raises:
            ConfigError: the map is too small to be halved so often.
        """
        if min(x.shape[-2:]) < self.least:
            raise ConfigError(
                f"a map of {x.shape[-2]} x {x.shape[-1]} cells can't be halved as often as the "
                "hourglass is deep",
                expected=f"at least {self.least} cells along each side",
                where="model.hourglass.depth",
                hint="a smaller depth, or larger images",
            )
        upper: Tensor = self.upper(x)
        return upper + self._enlarged(self.lower(x), (x.shape[-2], x.shape[-1]))

    def _enlarged(self, maps: Tensor, size: tuple[int, int]) -> Tensor:
        if self.upsampling == "nearest":
            return F.interpolate(maps, size=size, mode="nearest")
        # Outer centres on outer centres, as in the published code.
        return F.interpolate(maps, size=size, mode="bilinear", align_corners=True)
