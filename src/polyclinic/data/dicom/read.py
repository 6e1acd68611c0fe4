"""A DICOM file to pixels, in one order, each step logged.

1. The first frame is decoded; YBR and planar pixels become RGB, palettes are looked up.
2. Grey values are rescaled to what the machine measured (`modality`).
3. They are shown through the file's VOI LUT or window, else a stated one (`window`).
4. MONOCHROME1, where the smallest value is white, is inverted.
5. Everything becomes 8-bit RGB, (H, W, 3), as every other image of the package.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from polyclinic.data.dicom.decode import Stored, first_frame, palette_to_rgb
from polyclinic.data.dicom.faults import check_pixels, in_plain_words
from polyclinic.data.dicom.header import DicomHeader, header_of, open_dataset
from polyclinic.data.dicom.modality import rescaled
from polyclinic.data.dicom.window import windowed
from polyclinic.data.pixels import white_of

_BAND = 64
"""Rows of a film that fit the cache."""


@dataclass(frozen=True, eq=False, kw_only=True)
class DicomImage(DicomHeader):
    """The first frame with what the file says of it.

    Args:
        pixels: (H, W) modality values before any window, negative ones too; (H, W, 3) RGB of
            colour images, as deep as the file.
        rgb: (H, W, 3) 8-bit RGB, as it is looked at.
        deep: (H, W) the same at 16 bits, where more than 8 are stored; None of colour images.
        photometric: how the file kept its pixels.
        steps: what was done, in order.
    """

    pixels: Stored
    rgb: NDArray[np.uint8]
    deep: NDArray[np.uint16] | None
    photometric: str
    steps: tuple[str, ...]


def read_dicom(path: str | Path) -> DicomImage:
    """Read the first frame of a DICOM file.

    Raises:
        ImageError: missing, no image, damaged, or packed in a way that can't be decoded; what
            mends it is said. No message names a patient.
    """
    with in_plain_words(path):
        dataset, notes = open_dataset(path, pixels=True)
        header = header_of(dataset, notes)
        check_pixels(dataset)
        stored = first_frame(dataset)
        kind = str(dataset.PhotometricInterpretation).strip()
        steps = [f"decode: {dataset.file_meta.TransferSyntaxUID.name}, {kind}"]
        if header.frames > 1:
            steps.append(f"frames: the first of {header.frames}")
        in_colour = kind == "PALETTE COLOR" or stored.ndim == 3
        deep = None
        if in_colour:
            pixels, rgb, done = _colour(dataset, stored, kind)
        else:
            pixels, rgb, deep, done = _grey(dataset, stored, kind)
    return DicomImage(
        **{field.name: getattr(header, field.name) for field in fields(header)},
        pixels=pixels,
        rgb=rgb,
        deep=deep,
        photometric=kind,
        steps=(*steps, *done, *header.notes),
    )


def _colour(
    dataset: Dataset, stored: Stored, kind: str
) -> tuple[Stored, NDArray[np.uint8], list[str]]:
    if kind == "PALETTE COLOR":
        pixels, said = palette_to_rgb(dataset, stored), "colour: palette looked up"
        bits = _palette_bits(dataset, pixels)
    else:
        pixels, said = stored, f"colour: {kind} as RGB"
        bits = int(dataset.BitsStored)
    top = 2**bits - 1
    rgb = pixels if top == 255 else np.rint(pixels.clip(0, top) * (255 / top))
    done = [said] if top == 255 else [said, f"depth: {bits} bits to 8"]
    return pixels, np.array(rgb, np.uint8), done


def _palette_bits(dataset: Dataset, colours: Stored) -> int:
    """Depth of the entries, which may lie in wider words."""
    stated = int(dataset.RedPaletteColorLookupTableDescriptor[2])
    fits = stated >= 8 and colours.max(initial=0) < 2**stated
    return stated if fits else colours.dtype.itemsize * 8


def _grey(
    dataset: Dataset, stored: Stored, kind: str
) -> tuple[Stored, NDArray[np.uint8], NDArray[np.uint16] | None, list[str]]:
    pixels, rescale = rescaled(dataset, stored)
    shown, window = windowed(dataset, pixels, _padding(dataset, stored))
    # In place: films have millions of pixels.
    np.clip(shown, 0, 1, out=shown)
    grey = _in_steps(shown, 255).astype(np.uint8)
    done = [rescale, window]
    if kind == "MONOCHROME1":
        grey = 255 - grey
        np.subtract(1, shown, out=shown)
        done.append("inverted: MONOCHROME1")
    rgb = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)
    return pixels, rgb, _at_16_bits(dataset, shown), done


def _at_16_bits(dataset: Dataset, shown: NDArray[np.float64]) -> NDArray[np.uint16] | None:
    """None where 8 bits hold all, and where all is so dark that it would pass for 12 bits.

    Pixels stored as floats state no bits.
    """
    if int(dataset.get("BitsStored") or 64) <= 8:
        return None
    deep = _in_steps(shown, 65535)
    return deep if white_of(deep) == 65535 else None


def _in_steps(shown: NDArray[np.float64], top: int) -> NDArray[np.uint16]:
    """0 to 1 as whole numbers from 0 to `top`; band by band, as that stays in the cache."""
    steps = np.empty(shown.shape, np.uint16)
    for first in range(0, len(shown), _BAND):
        steps[first : first + _BAND] = np.rint(shown[first : first + _BAND] * top)
    return steps


def _padding(dataset: Dataset, stored: Stored) -> NDArray[np.bool_]:
    """(H, W), true where the machine saw nothing (PS3.3, C.7.5.1.1.2)."""
    value, limit = dataset.get("PixelPaddingValue"), dataset.get("PixelPaddingRangeLimit")
    if not isinstance(value, int):
        return np.zeros(stored.shape, bool)
    low, high = sorted((value, limit if isinstance(limit, int) else value))
    return np.asarray((stored >= low) & (stored <= high))
