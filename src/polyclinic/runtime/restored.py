"""Restored images as files, as deep as the images that they are made of."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from polyclinic.atomic import write_bytes
from polyclinic.reading import Reading
from polyclinic.runtime.names import picture_name
from polyclinic.sample import Pixels

NOTICE = "restored images are for viewing, not for measuring"

_KINDS = {np.dtype(np.uint8): ".png", np.dtype(np.uint16): ".tiff"}


def write_restored(reading: Reading, folder: Path) -> Path | None:
    """Write the restored pixels of a reading; None where it has none.

    16 bits a channel become a TIFF file, 8 a PNG file.
    """
    if reading.restored is None:
        return None
    suffix = _KINDS[reading.restored.dtype]
    return write_image(folder / picture_name(reading, suffix), reading.restored)


def write_image(path: Path, pixels: Pixels) -> Path:
    """Write pixels without loss, whole or not at all.

    Args:
        path: of a PNG or TIFF file.
        pixels: (H, W) or (H, W, 3) RGB, uint8 or uint16.
    """
    stored = pixels if pixels.ndim == 2 else pixels[..., ::-1]
    _, encoded = cv2.imencode(path.suffix, np.ascontiguousarray(stored))
    return write_bytes(encoded.tobytes(), path)
