"""What the images of one patient have in common, and the settings of the phantom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, NonNegativeFloat, PositiveFloat, model_validator

from polyclinic.config import Config
from polyclinic.systems.nailfold.phantoms.disease import Disease, State, disease_of


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


Side = Literal["left", "right"]
Rgb = NDArray[np.float64]

_FAIR = np.array([0.87, 0.68, 0.565])
_DARK = np.array([0.64, 0.455, 0.35])
DEVICES = {
    "phantom scope A": np.array([1.0, 1.0, 1.0]),
    "phantom scope B": np.array([1.03, 0.97, 1.05]),
    "phantom scope C": np.array([0.99, 1.01, 0.95]),
}
"""Names of cameras and the gains of their colour channels."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Patient:
    """Traits of a person and of the device they were seen with.

    Args:
        state: disease state.
        skin: (3,) reflected light of the skin, 0 to 1.
        contrast: how strongly vessels stand out; less in dark or thick skin.
        calibre: factor on all diameters of unremarkable loops.
        density: loops per mm of the distal row.
        arterial_side: the side of the arterial limb in most loops of each hand.
        device: name of the camera.
    """

    state: State
    skin: Rgb
    contrast: float
    calibre: float
    density: float
    arterial_side: dict[Side, Side]
    device: str

    @property
    def disease(self) -> Disease:
        """The distributions of the patient's state."""
        return disease_of(self.state)

    @property
    def camera_gain(self) -> Rgb:
        """(3,) gains of the camera's colour channels."""
        return DEVICES[self.device]


def draw_patient(state: State, rng: np.random.Generator) -> Patient:
    """Draw the traits of a patient in a state."""
    darkness = rng.beta(1.3, 3.0)
    disease = disease_of(state)
    usual: Side = "left" if rng.random() < 0.75 else "right"
    other: Side = "right" if usual == "left" else "left"
    return Patient(
        state=state,
        skin=_FAIR + (_DARK - _FAIR) * darkness + rng.normal(0, 0.012, 3),
        contrast=float(rng.uniform(0.85, 1.15) * (1 - 0.25 * darkness)),
        calibre=float(np.clip(rng.normal(1, 0.06), 0.85, 1.15)),
        density=float(disease.density * np.clip(rng.normal(1, 0.05), 0.88, 1.12)),
        arterial_side={"left": usual, "right": other if rng.random() < 0.5 else usual},
        device=str(rng.choice(list(DEVICES))),
    )
