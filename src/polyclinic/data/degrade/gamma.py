"""Another curve of grey levels."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def bend(image: NDArray[np.uint8], log2_gamma: float) -> NDArray[np.uint8]:
    """Grey levels v, 0 to 1, become v^(2^log2_gamma): above 0 darker, below brighter.

    Args:
        image: (H, W, C).
        log2_gamma: 0 leaves the image as it is.
    """
    curve = np.rint((np.arange(256) / 255) ** 2.0**log2_gamma * 255).astype(np.uint8)
    return np.asarray(cv2.LUT(image, curve), np.uint8)
