"""Stored values of the first frame, tried in another process where a decoder may not survive.

GDCM alone decodes JPEG-LS and lossless JPEG, and ends the whole process on some damaged files,
where Python can't step in. A file that it has decoded once elsewhere is safe.
"""

from __future__ import annotations

import subprocess
import sys
from functools import lru_cache
from pathlib import Path
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

_DECODE = """
import sys
from pydicom import dcmread
from pydicom.pixels import pixel_array
pixel_array(dcmread(sys.argv[1], force=True), index=0)
"""
_SECONDS = 120


def survives(file: str | Path) -> bool:
    """Whether a process outlives the decoding of a file's first frame, with pixels or an error.

    Costs some tenths of a second for a file that this process has not tried before.
    """
    path = Path(file)
    state = path.stat()
    return _survives(str(path.absolute()), state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=100_000)
def _survives(path: str, changed: int, size: int) -> bool:
    try:
        done = subprocess.run(
            [sys.executable, "-c", _DECODE, path],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode >= 0  # below zero: ended by a signal


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


def first_frame(dataset: Dataset) -> tuple[Stored, tuple[str, ...]]:
    """(H, W) stored values, or (H, W, 3) RGB, and doubts; YBR and planar pixels come out as RGB.

    Bits beyond those stored, where old files keep overlays, are cut off however the pixels are
    packed (PS3.5, 8.1.1): a doubt, unless the file says that an overlay lies there. The array may
    be a view of the file's bytes that can't be written to.

    Raises:
        ImageError: cut short, or packed in a way that no installed decoder reads.
    """
    decoder = _decoder(dataset)
    if decoder == _FRAGILE and not survives(dataset.filename):
        raise damaged(dataset)
    plain = _is_plain(dataset)
    try:
        # pydicom cuts off bits of some transfer syntaxes only, and the pixel where it lies higher.
        stored = pixel_array(
            dataset,
            index=0,
            correct_unused_bits=False,
            view_only=plain,
            decoding_plugin="" if plain else decoder,
        )
    except Exception as error:  # decoders raise whatever comes
        raise undecodable(dataset, error) from None
    return _within_bits(dataset, stored.astype(stored.dtype.newbyteorder("="), copy=False))


def _within_bits(dataset: Dataset, stored: Stored) -> tuple[Stored, tuple[str, ...]]:
    """Decoded values without bits above or below those stored, and a doubt where some were used.

    Unused bits of a signed value may repeat its sign, or not: both give the same.
    """
    bits, spare = int(dataset.get("BitsStored") or 0), _bits_below(dataset)
    if stored.dtype.kind not in "iu" or not 1 <= bits < stored.dtype.itemsize * 8:
        return stored, ()
    if spare:
        return _moved_down(stored, bits, spare), ()
    signed = stored.dtype.kind == "i"
    least = -(2 ** (bits - 1)) if signed else 0
    if stored.min(initial=0) >= least and stored.max(initial=0) < least + 2**bits:
        return stored, ()
    within = _moved_down(stored, bits, 0)
    expected = _overlay_in_pixels(dataset) or (signed and stored.min() >= 0 and _fits(stored, bits))
    return within, () if expected else (
        f"values use more than the {bits} bits that are stored, and were cut to them: "
        "something is drawn over the picture, or the file states its bits wrongly",
    )


def _fits(stored: Stored, bits: int) -> bool:
    """Whether signed values are all of `bits` bits, their sign not repeated above."""
    return bool(stored.max(initial=0) < 2**bits)


def _overlay_in_pixels(dataset: Dataset) -> bool:
    """Whether the file says that an overlay lies in unused bits (PS3.3, C.9.2, until 2004)."""
    groups = range(0x6000, 0x6020, 2)
    return any((group, 0x0102) in dataset and (group, 0x3000) not in dataset for group in groups)


def _is_plain(dataset: Dataset) -> bool:
    """Whether pixels lie in the file as they are used, unless some have bits to be cut off."""
    grey = str(dataset.PhotometricInterpretation).strip() in ("MONOCHROME1", "MONOCHROME2")
    unsigned = int(dataset.get("BitsAllocated") or 0) == 16 and dataset.PixelRepresentation == 0
    little = dataset.file_meta.TransferSyntaxUID in _PLAIN and sys.byteorder == "little"
    return grey and unsigned and little


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
    return apply_color_lut(stored, _with_little_endian_palette(dataset))[..., :3]


def _with_little_endian_palette(dataset: Dataset) -> Dataset:
    """The data set with the words of its palette as pydicom takes them: the lower byte first."""
    names = [f"{colour}PaletteColorLookupTableData" for colour in ("Red", "Green", "Blue")]
    number = int(dataset.RedPaletteColorLookupTableDescriptor[0]) or 2**16
    words = all(len(dataset.get(name) or b"") == 2 * number for name in names)
    if dataset.file_meta.TransferSyntaxUID != ExplicitVRBigEndian or not words:
        return dataset
    turned = Dataset()
    for name in names:
        descriptor = name.replace("Data", "Descriptor")
        setattr(turned, descriptor, dataset[descriptor].value)
        data = np.frombuffer(dataset[name].value, ">u2").astype("<u2").tobytes()
        turned.add_new(name, "OW", data)
    return turned


def palette_bits(dataset: Dataset) -> tuple[int, tuple[str, ...]]:
    """Depth of the entries of a palette, and a doubt where it is not what the palette says.

    Entries of 8 bits may lie in wider words, as their upper byte or by themselves (PS3.3,
    C.7.6.3.1.5): all of them tell, not those that an image happens to use.
    """
    number, first, stated = (int(one) for one in dataset.RedPaletteColorLookupTableDescriptor)
    rows = np.arange(first, first + (number or 2**16), dtype=np.int32)
    entries = palette_to_rgb(dataset, rows)
    wide, brightest = entries.dtype.itemsize * 8, int(entries.max(initial=0))
    if wide <= 8 or brightest >= 2**8:
        return (stated if stated >= 8 and brightest < 2**stated else wide), ()
    return 8, () if stated <= 8 else (
        f"the palette states {stated} bits and holds none above 255: it is taken as 8 bits",
    )


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
