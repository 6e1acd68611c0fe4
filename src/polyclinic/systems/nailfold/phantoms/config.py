"""Settings of the nailfold phantom."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, NonNegativeFloat, PositiveFloat, model_validator

from polyclinic.config import Config


class NailfoldPhantomConfig(Config):
    """Frame, scale and camera of the images.

    Attributes:
        size: (height, width) in pixels.
        um_per_px: scale; 1.7 µm is the scale fitted to the ANFC images of 1024 x 768.
        tilt_degrees: the row of loops is turned by up to this much, either way.
        blur_um: range of the point spread's standard deviation of images in focus, in µm.
        noise: range of the sensor's noise as a share of full scale, at half of full scale.
        artefacts: chance of each kind of artefact (glare, hair, bubble) in an image.
        jpeg_quality: as in Pillow.
        visible_contrast: a vessel is annotated as far as it is darker than the skin by this
            share in green light.
        min_visible: instances with a smaller share of their area inside the image are left out.
    """

    size: tuple[Annotated[int, Field(ge=64)], Annotated[int, Field(ge=64)]] = (768, 1024)
    um_per_px: Annotated[float, Field(gt=0.3, lt=10)] = 1.7
    tilt_degrees: Annotated[float, Field(ge=0, le=180)] = 7.0
    blur_um: tuple[PositiveFloat, PositiveFloat] = (1.2, 2.4)
    noise: tuple[NonNegativeFloat, NonNegativeFloat] = (0.006, 0.016)
    artefacts: Annotated[float, Field(ge=0, le=1)] = 0.25
    jpeg_quality: Annotated[int, Field(ge=10, le=100)] = 90
    visible_contrast: Annotated[float, Field(gt=0, lt=0.2)] = 0.08
    min_visible: Annotated[float, Field(ge=0, le=1)] = 0.3

    @model_validator(mode="after")
    def _ranges_ascend(self) -> Self:
        for name in ("blur_um", "noise"):
            low, high = getattr(self, name)
            if low > high:
                raise ValueError(f"{name} runs from {low} down to {high}; give the lower one first")
        return self
