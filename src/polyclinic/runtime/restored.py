"""Restored images as files, as deep as the images that they are made of."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import tifffile

from polyclinic.atomic import write_bytes
from polyclinic.reading import Reading
from polyclinic.runtime.names import picture_name
from polyclinic.sample import Pixels
from polyclinic.sample.grey_scale import GreyScale

NOTICE = "restored images are for viewing, not for measuring"
_SAMPLE_MIN, _SAMPLE_MAX = 340, 341
"""Tags of TIFF 6.0 in which a file states its black and white."""


def write_restored(
    reading: Reading, folder: Path, grey: GreyScale, *, apart: bool = False
) -> Path | None:
    """Write the restored pixels of a reading; None where it has none.

    Pixels of 8 bits become a PNG file, deeper ones a TIFF file that states black and white, so
    that whoever opens it sees the brightness of the reading.

    Args:
        reading: of one image.
        folder: where the file goes.
        grey: what is black and white in the pixels (`Sample.stored_grey` of the image).
        apart: as of `picture_name`.
    """
    pixels = reading.restored
    if pixels is None:
        return None
    suffix = ".png" if pixels.dtype == np.uint8 else ".tiff"
    return write_image(folder / picture_name(reading, suffix, apart=apart), pixels, grey)


def write_image(path: Path, pixels: Pixels, grey: GreyScale) -> Path:
    """Write pixels without loss, whole or not at all.

    Args:
        path: of a PNG file for 8 bits, else of a TIFF file.
        pixels: (H, W) or (H, W, 3) RGB.
        grey: what is black and white in pixels of more than 8 bits.
    """
    if pixels.dtype == np.uint8:
        stored = pixels if pixels.ndim == 2 else pixels[..., ::-1]
        done, encoded = cv2.imencode(path.suffix, np.ascontiguousarray(stored))
        if not done:
            raise ValueError(f"pixels of the shape {pixels.shape} fit no file {path.suffix}")
        return write_bytes(encoded.tobytes(), path)
    content = io.BytesIO()
    kind = "f" if pixels.dtype.kind == "f" else {2: "H", 4: "I"}[pixels.dtype.itemsize]
    kind = kind.lower() if pixels.dtype.kind == "i" else kind
    samples = 1 if pixels.ndim == 2 else 3
    tifffile.imwrite(
        content,
        pixels,
        photometric="minisblack" if samples == 1 else "rgb",
        compression="zlib",
        predictor=True,
        metadata=None,
        extratags=[
            (code, kind, samples, (_of_kind(value, kind),) * samples, True)
            for code, value in ((_SAMPLE_MIN, grey.black), (_SAMPLE_MAX, grey.white))
        ],
    )
    return write_bytes(content.getvalue(), path)


def _of_kind(value: float, kind: str) -> float | int:
    return value if kind == "f" else round(value)
