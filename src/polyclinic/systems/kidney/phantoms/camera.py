"""The camera: focus, noise, 12 bits."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from polyclinic.data.degrade import add_noise, gaussian_blur

Plane = NDArray[np.float32]

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
