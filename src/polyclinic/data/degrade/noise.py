"""Noise of a sensor."""

from __future__ import annotations

import numpy as np

from polyclinic.data.degrade.scale import Unit


def add_noise(image: Unit, gain: float, floor: float, rng: np.random.Generator) -> Unit:
    """Add n ~ N(0, gain x + floor^2): Poisson noise of the light, Gaussian noise of the circuits.

    With neither gain nor floor the very image is given back. Nothing is clipped.

    Args:
        image: x, 0 to 1, any shape.
        gain: a; 1 / a photons make a pixel white.
        floor: b, the standard deviation in the dark.
        rng: a number for each value of the image is drawn.

    Source: Foi et al., IEEE Transactions on Image Processing 2008; 17:1737-1754.
    """
    if not gain and not floor:
        return image
    spread = np.sqrt(gain * np.maximum(image, 0) + floor**2, dtype=np.float32)
    return np.asarray(image + spread * rng.standard_normal(image.shape, np.float32), image.dtype)
