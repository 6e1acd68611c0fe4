"""From tissue to the file: bleaching, haze, focus, noise, 12 bits."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from polyclinic.data.degrade import add_noise, gaussian_blur
from polyclinic.phantoms.texture import cloud
from polyclinic.systems.kidney.phantoms.deposit import far_blur, paint_spots
from polyclinic.systems.kidney.phantoms.tissue import Glomerulus

Plane = NDArray[np.float32]

_SPECKS = 3.0  # a field


def bleaching(side: int, rng: np.random.Generator) -> Plane:
    """(side, side) share of the dye that is left: less in all, and least where a beam has stood."""
    x, y = _grid(side)
    middle, reach = rng.uniform(0.1, 0.9, 2), rng.uniform(0.3, 0.6)
    beam = np.exp(-((((x - middle[0]) ** 2 + (y - middle[1]) ** 2) / reach**2) ** 2))
    return np.asarray(rng.uniform(0.75, 1) * (1 - rng.uniform(0, 0.35) * beam), np.float32)


def haze(light: Plane, rng: np.random.Generator) -> Plane:
    """(side, side) light from above and below the section: of what is bright, and of the mount."""
    side = len(light)
    around = rng.uniform(0.1, 0.35) * far_blur(light, rng.uniform(0.045, 0.1))
    clouds = cloud((side, side), (0.4 * side, 0.4 * side), rng)
    return around + np.float32(rng.uniform(0.01, 0.06)) * np.clip(1 + 0.35 * clouds, 0.2, 2)


def specks(glomeruli: Sequence[Glomerulus], side: int, rng: np.random.Generator) -> Plane | None:
    """(side, side) bright dust and droplets outside of the glomeruli; None where there are none."""
    places = rng.uniform(0, 1, (rng.poisson(_SPECKS), 2))
    peaks = rng.uniform(0.1, 1.3, len(places))
    width = rng.uniform(0.006, 0.012)
    for one in glomeruli:
        outside = np.hypot(*(places - one.centre).T) > one.capsule + 3 * width
        places, peaks = places[outside], peaks[outside]
    return paint_spots(places, peaks, width, side) if len(places) else None


def illumination(side: int, rng: np.random.Generator) -> Plane:
    """(side, side) light of the lamp on the field, about 1."""
    x, y = _grid(side)
    middle, slope = rng.normal(0.5, 0.12, 2), rng.normal(0, 0.16, 2)
    away = (x - middle[0]) ** 2 + (y - middle[1]) ** 2
    light = (1 + slope[0] * (x - 0.5) + slope[1] * (y - 0.5)) * np.exp(-rng.uniform(0, 0.9) * away)
    return np.asarray(light, np.float32)


def _grid(side: int) -> tuple[Plane, Plane]:
    """(1, side) and (side, 1) x and y in the unit square."""
    at = np.asarray((np.arange(side) + 0.5) / side, np.float32)
    return at[None], at[:, None]


LEVELS = 5
"""Level 0 is in focus, level 4 the worst."""

_WHITE = 4095
_BLACK = 0.02  # cameras add a little, so that noise in the dark is not cut off


@dataclass(frozen=True, kw_only=True)
class Camera:
    """How a field was taken.

    Args:
        gain: variance of the photons' noise at white; 1 / gain photons make a pixel white.
        floor: standard deviation of the noise in the dark.
    """

    gain: float
    floor: float


def draw_camera(rng: np.random.Generator) -> Camera:
    """Draw a camera: 1200 to 5000 photons make a pixel white."""
    photons = np.exp(rng.uniform(np.log(1200), np.log(5000)))
    return Camera(gain=float(1 / photons), floor=float(rng.uniform(0.003, 0.008)))


def defocus(light: Plane, level: float) -> Plane:
    """The light out of focus: a Gaussian of level / 256 of the side; level 0 gives the very light.

    Args:
        light: (side, side).
        level: 0 to 4.
    """
    return gaussian_blur(light, level * len(light) / 256)


def expose(light: Plane, camera: Camera, rng: np.random.Generator) -> Plane:
    """(side, side) image, 0 to 1, with the noise of photons and of the read-out.

    Args:
        light: (side, side), already out of focus where it shall be.
        camera: its noise.
        rng: source of chance.
    """
    seen = _BLACK + (1 - _BLACK) * light
    return np.clip(add_noise(seen, camera.gain, camera.floor, rng), 0, 1)


def to_tiff(image: Plane) -> bytes:
    """Encode as 16-bit grey TIFF of 12-bit values, as such cameras write."""
    file = io.BytesIO()
    Image.fromarray(np.rint(image * _WHITE).astype(np.uint16)).save(file, "TIFF")
    return file.getvalue()
