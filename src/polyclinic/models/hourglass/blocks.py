"""Residual blocks of an hourglass.

Source: Tiulpin, Melekhov, Saarakkala, "KNEEL: Knee Anatomical Landmark Localization Using
Hourglass Networks", ICCV workshop VRMI 2019, sizes as in its code; the hierarchical, parallel,
multi-scale (HMP) block is of Bulat and Tzimiropoulos, ICCV 2017.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from polyclinic.models.hourglass.config import Block, Kernel


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
