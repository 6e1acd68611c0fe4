"""How far a training view may stray from the image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from polyclinic.config import Config
from polyclinic.data.augment.grain import Grain

Factor = Annotated[float, Field(gt=0, le=16)]
Range = tuple[Factor, Factor]
Share = Annotated[float, Field(ge=0, le=1)]


class AugmentConfig(Config):
    """Every amount is drawn uniformly and anew for each image and epoch; zeros switch it off."""

    mirror: Share = Field(0.5, description="probability of a left-right flip")
    upend: Share = Field(0.0, description="probability of an up-down flip")
    degrees: float = Field(0.0, ge=0, le=180, description="largest turn either way")
    scale: Range = Field((1.0, 1.0), description="times the size at which the image is read")
    shear: Share = 0.0
    perspective: float = Field(
        0.0, ge=0, lt=1, description="largest share by which a side of the image comes nearer"
    )
    zoom: Range = Field((1.0, 1.0), description="times the scale, in half of the views")
    shift: Share = Field(
        0.0, description="largest move either way, as a share of the sides of the view"
    )
    plane: Share = Field(
        1.0, description="probability that a view is flipped, warped or zoomed at all"
    )
    warp: Share = Field(
        1.0, description="of these, probability of turn, scale, shear and perspective together"
    )
    brightness: Share = Field(0.0, description="largest share added or taken")
    contrast: Share = Field(0.0, description="largest share added or taken")
    gamma: float = Field(0.0, ge=0, le=2, description="largest |log2| of the exponent")
    gamma_often: Share = Field(1.0, description="probability that gamma is changed")
    saturation: Share = Field(0.0, description="largest share added or taken")
    tint: Share = Field(0.0, description="largest share added or taken a channel")
    blur: float = Field(0.0, ge=0, description="largest sigma, pixels")
    noise: float = Field(0.0, ge=0, description="largest standard deviation, grey levels")
    grain: tuple[Grain, ...] = Field((), description="one of these is drawn, all alike")
    cutout: Share = Field(
        0.0, description="side of a black square in half of the views, share of the shorter side"
    )
    jitter: float = Field(
        0.0,
        ge=0,
        le=0.1,
        description="largest move of landmarks in half of the views, share of the longer side",
    )

    @model_validator(mode="after")
    def _rises(self) -> Self:
        for name, range_ in (("scale", self.scale), ("zoom", self.zoom)):
            if range_[0] > range_[1]:
                raise ValueError(f"{name} must name the smaller factor first")
        return self

    def without_effect(self) -> Mapping[str, str]:
        """How often gamma is changed, where nobody has switched that on, nor off."""
        off = not self.gamma and "gamma" not in self.model_fields_set
        return {"gamma_often": "gamma is 0"} if off else {}
