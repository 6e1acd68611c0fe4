"""Stored values of the first frame."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import pixel_array
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from polyclinic.data.dicom.codecs import damaged, undecodable
from polyclinic.data.dicom.trial import survives

Stored = NDArray[Any]

_STURDY = ("pylibjpeg", "pillow")
"""Decoders that refuse a damaged file and live on, in the order of preference."""
_FRAGILE = "gdcm"

_PLAIN = (ImplicitVRLittleEndian, ExplicitVRLittleEndian)
_NATIVE = (
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
)


def first_frame(dataset: Dataset) -> Stored:
    """(H, W) stored values, or (H, W, 3) RGB; YBR and planar pixels come out as RGB.

    Bits beyond those stored, where old files keep overlays, are cut off. The array may be a view
    of the file's bytes that can't be written to.

    Raises:
        ImageError: cut short, or packed in a way that no installed decoder reads.
    """
    spare, decoder = _bits_below(dataset), _decoder(dataset)
    if decoder == _FRAGILE and not survives(dataset.filename):
        raise damaged(dataset)
    try:
        if _is_plain(dataset):
            stored = pixel_array(dataset, index=0, correct_unused_bits=False, view_only=True)
            if stored.max(initial=0) < 2 ** int(dataset.BitsStored):
                return stored
        # pydicom cuts off bits above those stored; it would cut off the pixel where it lies higher.
        stored = pixel_array(
            dataset, index=0, correct_unused_bits=spare == 0, decoding_plugin=decoder
        )
    except Exception as error:  # decoders raise whatever comes
        raise undecodable(dataset, error) from None
    stored = stored.astype(stored.dtype.newbyteorder("="), copy=False)
    return _moved_down(stored, int(dataset.BitsStored), spare) if spare else stored


def _is_plain(dataset: Dataset) -> bool:
    """Whether pixels lie in the file as they are used, unless some have bits to be cut off."""
    grey = str(dataset.PhotometricInterpretation).strip() in ("MONOCHROME1", "MONOCHROME2")
    unsigned = int(dataset.get("BitsAllocated") or 0) == 16 and dataset.PixelRepresentation == 0
    little = dataset.file_meta.TransferSyntaxUID in _PLAIN and sys.byteorder == "little"
    return grey and unsigned and little and _bits_below(dataset) == 0


def _decoder(dataset: Dataset) -> str:
    """The decoder to be used; empty where pydicom has no choice.

    GDCM gives the same pixels as the others, but a damaged JPEG makes it end the whole process:
    it comes last, and tries each file elsewhere first.
    """
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax in _NATIVE:
        return ""
    try:
        there = get_decoder(syntax).available_plugins
    except NotImplementedError:
        return ""
    return next((name for name in (*_STURDY, _FRAGILE) if name in there), "")


def palette_to_rgb(dataset: Dataset, stored: Stored) -> Stored:
    """(H, W, 3) colours of (H, W) rows of the palette, as deep as the palette."""
    return apply_color_lut(stored, dataset)[..., :3]


def _bits_below(dataset: Dataset) -> int:
    """Unused bits below an uncompressed pixel, as High Bit says (PS3.5, 8.1.1); mostly none."""
    bits, allocated = int(dataset.get("BitsStored") or 0), int(dataset.get("BitsAllocated") or 0)
    high = int(dataset.get("HighBit") or 0)
    native = dataset.file_meta.TransferSyntaxUID in _NATIVE
    return high + 1 - bits if native and 1 < bits <= high < allocated else 0


def _moved_down(stored: Stored, bits: int, spare: int) -> Stored:
    """Values of `bits` bits that lie `spare` bits too high; the sign is kept."""
    width = stored.dtype.itemsize * 8
    above = width - bits - spare
    return np.asarray(np.right_shift(np.left_shift(stored, above), width - bits), stored.dtype)
