"""Images out of focus."""

from __future__ import annotations

import math

import cv2
import numpy as np

from polyclinic.data.degrade.disk import disk_kernel
from polyclinic.data.degrade.scale import Unit

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
