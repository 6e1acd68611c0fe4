"""Pictures that are degraded in these tests."""

import numpy as np
from scipy.ndimage import gaussian_filter


def textured(size=(60, 80), seed=0, channels=3, dtype=np.uint8):
    """Soft random texture that fills the middle of the scale."""
    noise = np.random.default_rng(seed).standard_normal((*size, channels))
    soft = gaussian_filter(noise, (1.2, 1.2, 0))
    unit = np.clip(0.5 + 0.15 * soft / soft.std(), 0, 1)
    return np.rint(unit * np.iinfo(dtype).max).astype(dtype)


def sharpness(image):
    """Mean squared step between neighbouring pixels."""
    values = image.astype(float)
    return (np.diff(values, axis=0) ** 2).mean() + (np.diff(values, axis=1) ** 2).mean()
