"""What the images of one patient have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from polyclinic.systems.nailfold.phantoms.disease import Disease, State, disease_of

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
