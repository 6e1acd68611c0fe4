"""What spoils an image: defocus, noise, JPEG, another curve of grey levels."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from polyclinic.sample import Pixels

Unit = NDArray[np.float32]
"""(H, W) or (H, W, C), 0 black, 1 the brightest value of the type."""

WHITE = {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65535}


def on_unit_scale(pixels: Pixels, change: Callable[[Unit], Unit]) -> Pixels:
    """Change pixels on a scale of 0 to 1; what leaves the scale is clipped, then rounded.

    Channels that are equal are changed once and stay equal: a grey picture stays grey.

    Args:
        pixels: (H, W) or (H, W, C), 8 or 16 bit; not written to.
        change: is given (H, W) or (H, W, C).
    """
    top = np.float32(WHITE[pixels.dtype])
    grey = pixels.ndim == 3 and bool((pixels == pixels[..., :1]).all())
    changed = change((pixels[..., 0] if grey else pixels).astype(np.float32) / top)
    rounded = np.rint(np.clip(changed, 0, 1) * top).astype(pixels.dtype)
    return np.repeat(rounded[..., None], pixels.shape[2], 2) if grey else rounded


def bend(image: NDArray[np.uint8], log2_gamma: float) -> NDArray[np.uint8]:
    """Grey levels v, 0 to 1, become v^(2^log2_gamma): above 0 darker, below brighter.

    Args:
        image: (H, W, C).
        log2_gamma: 0 leaves the image as it is.
    """
    curve = np.rint((np.arange(256) / 255) ** 2.0**log2_gamma * 255).astype(np.uint8)
    return np.asarray(cv2.LUT(image, curve), np.uint8)


def compress(image: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """Compress and decode again.

    Args:
        image: (H, W, 3) RGB, at most 65,500 pixels wide and high.
        quality: of libjpeg, 1 worst to 100 best; colours are stored at half the resolution.
    """
    done, stored = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"an image of {image.shape[1]} x {image.shape[0]} fits no JPEG file")
    decoded = np.asarray(cv2.imdecode(stored, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(decoded[..., ::-1])


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


SLICES = 16
"""In which the columns of pixels are cut to measure how much of them a disk covers."""

Kernel = NDArray[np.float64]


@lru_cache(maxsize=8)
def disk_kernel(radius: float) -> Kernel:
    """An even disk with soft edges, (K, K), sum 1, variance radius^2 / 4 along each axis.

    Each pixel holds the share of it that a disk covers. Taking the covered light to the centre of
    its pixel widens the disk a little, by a variance of about 1/12; the disk is therefore drawn
    so much smaller that its variance is that of the disk meant. The kernel changes without jumps
    with the radius, down to a single pixel at 0.

    Args:
        radius: pixels, at least 0.
    """
    meant = radius**2 / 4
    drawn = radius
    if radius:
        drawn = brentq(lambda one: _variance(_covered(one)) - meant, 0.0, radius + 1.0)
    kernel = _covered(drawn)
    kernel.setflags(write=False)
    return kernel


def _covered(radius: float) -> Kernel:
    """Share of the disk in each pixel, exact along y, in thin slices along x, then both ways."""
    reach = max(0, math.ceil(radius - 0.5))
    slices = (np.arange((2 * reach + 1) * SLICES) + 0.5) / SLICES - reach - 0.5
    chord = np.sqrt(np.maximum(radius**2 - slices**2, 0))
    rows = np.arange(-reach, reach + 1)[:, None]
    covered = np.minimum(rows + 0.5, chord) - np.maximum(rows - 0.5, -chord)
    shares = np.maximum(covered, 0).reshape(2 * reach + 1, 2 * reach + 1, SLICES).mean(2)
    shares = shares + shares.T
    total = shares.sum()
    return shares / total if total else np.ones((1, 1))


def _variance(kernel: Kernel) -> float:
    reach = len(kernel) // 2
    return float(kernel.sum(0) @ np.arange(-reach, reach + 1.0) ** 2)


# The border pixel itself is repeated, so that no light is lost or gained.
BORDER = cv2.BORDER_REFLECT


def gaussian_blur(image: Unit, sigma: float) -> Unit:
    """Blur with k(u, v) ~ exp(-(u^2 + v^2) / (2 sigma^2)), cut off at ceil(3 sigma) pixels.

    What lies outside is the image reflected. A sigma of 0 gives the very image.

    Args:
        image: (H, W) or (H, W, C).
        sigma: pixels.
    """
    if not sigma:
        return image
    line = cv2.getGaussianKernel(2 * math.ceil(3 * sigma) + 1, sigma)
    blurred = cv2.sepFilter2D(image, -1, line, line, borderType=BORDER)
    return np.asarray(blurred, image.dtype).reshape(image.shape)


def disk_blur(image: Unit, radius: float) -> Unit:
    """Blur as a lens out of focus does: each point becomes an even disk.

    What lies outside is the image reflected. A radius of 0 gives the very image. A disk of radius
    2 sigma spreads light as far as a Gaussian of sigma does (the same variance along each axis).

    Args:
        image: (H, W) or (H, W, C).
        radius: pixels, not necessarily whole.
    """
    if not radius:
        return image
    blurred = cv2.filter2D(image, -1, disk_kernel(radius), borderType=BORDER)
    return np.asarray(blurred, image.dtype).reshape(image.shape)
