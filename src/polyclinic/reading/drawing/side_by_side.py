"""Pictures of one field beside each other, each with its name below."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.reading.drawing.lettering import Text, letter
from polyclinic.reading.palette import INK, PAPER

LEGIBLE_WIDTH = 480
"""Narrower pictures are enlarged by a whole factor, all alike."""

_GUTTER, _BAND, _TEXT = 6, 36, 19


def side_by_side(pictures: Sequence[tuple[str, NDArray[np.uint8]]]) -> NDArray[np.uint8]:
    """(H', W', 3) RGB of (name, (H, W, 3) RGB) pictures of one size."""
    columns = [_named(name, pixels) for name, pixels in pictures]
    gutter = np.full((len(columns[0]), _GUTTER, 3), 255, np.uint8)
    parts = [part for column in columns for part in (gutter, column)]
    return np.concatenate(parts[1:], axis=1)


def _named(name: str, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    factor = max(1, -(-LEGIBLE_WIDTH // width))
    size = (width * factor, height * factor)
    shown = cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC) if factor > 1 else pixels
    band = np.full((_BAND, size[0], 3), INK, np.uint8)
    letter(band, [Text(name, _TEXT // 2, _BAND / 2, _TEXT, PAPER)])
    return np.concatenate([np.asarray(shown, np.uint8), band])
