"""What can be wrong with a DICOM file, in words that say what mends it.

No message holds a value of a text element: names, dates of birth and ids stay in the file.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.uid import UID, MediaStorageDirectoryStorage

from polyclinic.data.limits import refuse_giant
from polyclinic.errors import ImageError

PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
SAMPLES = {
    "MONOCHROME1": 1,
    "MONOCHROME2": 1,
    "PALETTE COLOR": 1,
    "RGB": 3,
    "YBR_FULL": 3,
    "YBR_FULL_422": 3,
    "YBR_ICT": 3,
    "YBR_RCT": 3,
}
"""Samples a pixel of each photometric interpretation that is read (PS3.3, C.7.6.3.1.2)."""
BITS = (1, 8, 16, 32, 64)

COPY = "the file may be truncated or damaged; copy it again"


@contextmanager
def in_plain_words(path: str | Path) -> Iterator[None]:
    """Turn every way in which reading fails into one clear error, and keep decoders quiet."""
    where = str(path)
    try:
        with _quiet():
            yield
    except ImageError as error:
        raise ImageError(
            error.what, expected=error.expected, hint=error.hint, where=error.where or where
        ) from None
    except FileNotFoundError:
        raise ImageError("the file does not exist", where=where) from None
    except IsADirectoryError:
        raise ImageError("is a folder, not an image file", where=where) from None
    except InvalidDicomError:
        raise ImageError("is no DICOM file", where=where) from None
    except Exception as error:  # broken files make parsers and decoders raise whatever comes
        kind = type(error).__name__
        raise ImageError(f"can't be decoded ({kind})", hint=COPY, where=where) from None


@contextmanager
def _quiet() -> Iterator[None]:
    """Neither warnings nor log lines of the parser, which quote the values they complain of."""
    logger = logging.getLogger("pydicom")
    told, logger.propagate = logger.propagate, False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.propagate = told


def check_image(header: Dataset) -> None:
    """Refuse a header that describes no image, or one that contradicts itself.

    Raises:
        ImageError: what is wrong and what mends it; `where` is not filled.
    """
    rows, columns = _number(header, "Rows"), _number(header, "Columns")
    if rows is None or columns is None:
        name = _object_name(header)
        hint = COPY if "Image Storage" in name else "name the image files themselves"
        raise ImageError(f"holds no image: it is {name}", expected="a DICOM image", hint=hint)
    if rows < 1 or columns < 1:
        raise ImageError(f"has {columns} x {rows} pixels", expected="at least one row and column")
    frames = frame_count(header)
    if frames < 1:
        raise ImageError(f"has {frames} frames", expected="at least one")
    refuse_giant(rows, columns, "")


def check_pixels(header: Dataset) -> None:
    """Refuse what the decoders would misread.

    Raises:
        ImageError: pixels are missing, or their tags contradict each other.
    """
    if not any(header.get(name) is not None for name in PIXELS):
        raise ImageError(
            f"holds no pixel data: it is {_object_name(header)}",
            expected="a DICOM image",
            hint=COPY,
        )
    _check_photometric(header)
    if "PixelData" in header:
        _check_bits(header)


def frame_count(header: Dataset) -> int:
    """Number of frames; 1 where the header does not say.

    Raises:
        ImageError: the tag is no number.
    """
    frames = _number(header, "NumberOfFrames")
    return 1 if frames is None else frames


def _check_photometric(header: Dataset) -> None:
    kind = str(header.get("PhotometricInterpretation") or "").strip()
    samples = _number(header, "SamplesPerPixel") or 1
    if not kind:
        raise ImageError("says no photometric interpretation", expected=f"one of {_KINDS}")
    if kind not in SAMPLES:
        # The value itself might hold anything in a damaged file.
        raise ImageError("its photometric interpretation is not known", expected=f"one of {_KINDS}")
    if samples != SAMPLES[kind]:
        raise ImageError(
            f"is {kind} with {samples} samples a pixel",
            expected=f"{SAMPLES[kind]}",
            hint="its photometric tags contradict its pixels; have it exported again",
        )
    if kind == "PALETTE COLOR" and "RedPaletteColorLookupTableDescriptor" not in header:
        raise ImageError("is PALETTE COLOR without a palette", hint="have it exported again")


_KINDS = ", ".join(SAMPLES)
_NEEDED = ("SamplesPerPixel", "BitsAllocated", "BitsStored", "PixelRepresentation")
"""Without these nobody can tell what the bytes are (PS3.3, C.7.6.3)."""


def _check_bits(header: Dataset) -> None:
    missing = [name for name in _NEEDED if _number(header, name) is None]
    if missing:
        raise ImageError(f"says no {', '.join(missing)}", hint="have it exported again")
    allocated = _number(header, "BitsAllocated")
    stored = _number(header, "BitsStored")
    if allocated not in BITS:
        raise ImageError(f"has {allocated} bits allocated a pixel", expected=f"one of {BITS}")
    if stored is None or not 1 <= stored <= allocated:
        raise ImageError(
            f"has {stored} bits stored a pixel", expected=f"1 ... {allocated}, as allocated"
        )


def _number(header: Dataset, name: str) -> int | None:
    value = header.get(name)
    if value is None or value == "":
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ImageError(f"its {name} is no number", hint=COPY) from None


def _object_name(header: Dataset) -> str:
    """What kind of object it is, by the standard's own names."""
    meta = getattr(header, "file_meta", None)
    stated = header.get("SOPClassUID") or (meta or Dataset()).get("MediaStorageSOPClassUID")
    if stated == MediaStorageDirectoryStorage or "DirectoryRecordSequence" in header:
        return "a DICOMDIR, an index of other files"
    if stated is None:
        return "an object of unnamed kind"
    name = UID(stated).name
    return "an object of private kind" if name == stated else f"an object of kind {name!r}"
