"""The choices of an hourglass."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveInt

from polyclinic.config import Config

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
