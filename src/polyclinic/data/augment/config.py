"""How far a training view may stray from the image."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from polyclinic.config import Config

Factor = Annotated[float, Field(gt=0, le=16)]
Range = tuple[Factor, Factor]


class AugmentConfig(Config):
    """Every amount is drawn uniformly and anew for each image and epoch; zeros switch it off."""

    mirror: float = Field(0.5, ge=0, le=1, description="probability of a left-right flip")
    upend: float = Field(0.0, ge=0, le=1, description="probability of an up-down flip")
    degrees: float = Field(0.0, ge=0, le=180, description="largest turn either way")
    scale: Range = Field((1.0, 1.0), description="times the size at which the image is read")
    shear: float = Field(0.0, ge=0, le=1)
    brightness: float = Field(0.0, ge=0, le=1, description="largest share added or taken")
    contrast: float = Field(0.0, ge=0, le=1, description="largest share added or taken")
    gamma: float = Field(0.0, ge=0, le=2, description="largest |log2| of the exponent")
    saturation: float = Field(0.0, ge=0, le=1, description="largest share added or taken")
    tint: float = Field(0.0, ge=0, le=1, description="largest share added or taken a channel")
    blur: float = Field(0.0, ge=0, description="largest sigma, pixels")
    noise: float = Field(0.0, ge=0, description="largest standard deviation, grey levels")

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if self.scale[0] > self.scale[1]:
            raise ValueError("scale must name the smaller factor first")
        return self
