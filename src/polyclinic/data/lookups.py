"""What OpenCV's look-up tables can hold here."""

from __future__ import annotations

import cv2
import numpy as np


def _looks_up_16_bits() -> bool:
    try:
        cv2.LUT(np.zeros((1, 1), np.uint16), np.zeros((1, 2**16), np.uint16))
    except cv2.error:
        return False
    return True


LOOKS_UP_16_BITS = _looks_up_16_bits()
"""Whether `cv2.LUT` takes images of 16 bits, as it does from version 5 on."""
