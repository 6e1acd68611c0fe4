"""Why compressed pixels could not be decoded, and what would decode them."""

from __future__ import annotations

import re

from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID, JPEGExtended12Bit

from polyclinic.data.dicom.faults import COPY
from polyclinic.errors import ImageError

EXPORT = "have it exported uncompressed, as Explicit VR Little Endian"


def undecodable(header: Dataset, error: Exception) -> ImageError:
    """Why the pixels could not be decoded, and what would."""
    syntax = UID(header.file_meta.TransferSyntaxUID)
    name = _way(syntax)
    short = re.search(r"less than expected \((\d+) vs (\d+) bytes\)", str(error))
    if short is not None:
        return ImageError(
            f"holds {short[1]} bytes of pixels",
            expected=f"{short[2]}, as its size says",
            hint=COPY,
        )
    try:
        missing = not get_decoder(syntax).is_available
    except NotImplementedError:
        return ImageError(
            f"its pixels are packed {name} ({syntax}), which can't be decoded", hint=EXPORT
        )
    if missing:
        return ImageError(
            f"its pixels are packed {name}, and no decoder for it is installed",
            hint=f"pip install {_package(syntax)}",
        )
    if syntax == JPEGExtended12Bit and "12-bit" in str(error):
        return ImageError(
            f"its pixels are packed {name} with 12 bits, which no installed decoder reads",
            hint=f"{EXPORT}, or install pylibjpeg-libjpeg (its licence is the GPL)",
        )
    return damaged(header)


def damaged(header: Dataset) -> ImageError:
    """The pixels are packed in a known way, and yet no decoder gets through."""
    name = _way(UID(header.file_meta.TransferSyntaxUID))
    return ImageError(
        f"its pixels, packed {name}, can't be decoded",
        hint=f"{EXPORT}; where that fails too, {COPY}",
    )


def _way(syntax: UID) -> str:
    """How pixels are packed, in the standard's own words where it has any."""
    if syntax.is_private:
        return "in a private way"
    return "in an unknown way" if syntax.name == syntax else f"as {syntax.name}"


def _package(syntax: UID) -> str:
    jpeg2000 = syntax.name.startswith(("JPEG 2000", "High-Throughput"))
    return "pylibjpeg pylibjpeg-openjpeg" if jpeg2000 else "python-gdcm"
