"""What JPEG leaves of an image."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


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
