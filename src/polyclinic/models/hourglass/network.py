"""Hourglass network (Newell et al., ECCV 2016), with the blocks of KNEEL.

Source: Tiulpin, Melekhov, Saarakkala, "KNEEL: Knee Anatomical Landmark Localization Using
Hourglass Networks", ICCV workshop VRMI 2019, sizes as in its code; the hierarchical, parallel,
multi-scale (HMP) block is of Bulat and Tzimiropoulos, ICCV 2017.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Literal

import torch
import torch.nn.functional as F
from pydantic import Field, PositiveInt
from torch import Tensor, nn

from polyclinic.config import Config
from polyclinic.errors import ConfigError
from polyclinic.models.batch_norm import Norm, replace_batch_norm
from polyclinic.models.encoder import Encoder
from polyclinic.models.normalisation import ImageNormalisation

Block = Literal["hmp", "plain"]
Kernel = Literal[1, 3]
Upsampling = Literal["bilinear", "nearest"]


class HourglassConfig(Config):
    """Settings of the hourglass encoder; the defaults are those of the paper's text.

    The code that was published with it differs: depth 4, kernels of 3, bilinear up-sampling, and,
    in the version that the released weights most likely come from, plain blocks inside.
    """

    width: int = Field(24, ge=4, multiple_of=4, description="N; maps have 8 N channels")
    depth: PositiveInt = Field(6, description="halvings; the innermost map is 2^depth smaller")
    block: Block = Field("hmp", description="of the entry and of the outermost level")
    inner: Block = Field("hmp", description="of all levels inside the outermost")
    kernel: Kernel = Field(1, description='of the "1x1" convolutions of blocks and skips')
    upsampling: Upsampling = "nearest"


def conv(inputs: int, outputs: int, kernel: int, *, stride: int = 1) -> nn.Sequential:
    """Convolution that keeps the size (before the stride), with bias, and normalisation."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2),
        nn.BatchNorm2d(outputs),
    )


def conv_relu(inputs: int, outputs: int, kernel: int, *, stride: int = 1) -> nn.Sequential:
    """The same, rectified."""
    return conv(inputs, outputs, kernel, stride=stride).append(nn.ReLU(inplace=True))


class HmpBlock(nn.Module):
    """Three 3x3 convolutions in a row whose results are joined: half, quarter, rest.

    Args:
        inputs: channels in.
        outputs: channels out.
        kernel: of the skip, which is a convolution where the channels differ.
    """

    def __init__(self, inputs: int, outputs: int, kernel: Kernel) -> None:
        super().__init__()
        half, quarter = outputs // 2, outputs // 4
        self.first = conv_relu(inputs, half, 3)
        self.second = conv_relu(half, quarter, 3)
        self.third = conv(quarter, outputs - half - quarter, 3)
        self.skip = _skip(inputs, outputs, kernel)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, h, w) to (B, outputs, h, w), not rectified."""
        first = self.first(x)
        second = self.second(first)
        joined = torch.cat([first, second, self.third(second)], dim=1)
        summed: Tensor = joined + self.skip(x)
        return summed


class PlainBlock(nn.Module):
    """The bottleneck of He et al.: narrow, 3x3, wide.

    Args:
        inputs: channels in.
        outputs: channels out.
        kernel: of the narrowing and widening convolutions and of the skip.
    """

    def __init__(self, inputs: int, outputs: int, kernel: Kernel) -> None:
        super().__init__()
        half = outputs // 2
        self.path = nn.Sequential(
            conv_relu(inputs, half, kernel), conv_relu(half, half, 3), conv(half, outputs, kernel)
        )
        self.skip = _skip(inputs, outputs, kernel)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, h, w) to (B, outputs, h, w), not rectified."""
        summed: Tensor = self.path(x) + self.skip(x)
        return summed


BLOCKS: dict[Block, type[HmpBlock | PlainBlock]] = {"hmp": HmpBlock, "plain": PlainBlock}


def _skip(inputs: int, outputs: int, kernel: Kernel) -> nn.Module:
    return nn.Identity() if inputs == outputs else conv(inputs, outputs, kernel)


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


STRIDE = 4


class HourglassEncoder(Encoder):
    """The hourglass over images of any size.

    Images are filled up with zeros (after normalisation) on the right and below to whole cells,
    and to as many as the depth needs; the map is cut back.

    Args:
        config: of the hourglass.
        norm: what becomes of batch normalisation; `frozen` is refused, as there are no weights.
    """

    def __init__(self, config: HourglassConfig, *, norm: Norm = "batch") -> None:
        super().__init__()
        self.channels, self.strides = (8 * config.width,), (STRIDE,)
        self.least = STRIDE * 2**config.depth
        self.normalise = ImageNormalisation()
        self.network = replace_batch_norm(Hourglass(config), norm)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Encode RGB images on a scale of 0 to 1, (B, 3, H, W), into one map."""
        rows, columns = (-(-side // STRIDE) for side in images.shape[-2:])
        right, below = (
            max(STRIDE * cells, self.least) - side
            for cells, side in ((columns, images.shape[-1]), (rows, images.shape[-2]))
        )
        filled = F.pad(self.normalise(images), (0, right, 0, below))
        return [self.network(filled)[..., :rows, :columns]]
