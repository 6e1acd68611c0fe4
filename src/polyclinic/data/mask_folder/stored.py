"""What a mask image holds, upright and before anybody says what of it is the object."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import imagecodecs
import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps
from tifffile import COMPRESSION, EXTRASAMPLE, PHOTOMETRIC

from polyclinic.data.dicom import is_dicom, read_dicom
from polyclinic.data.images import is_deep
from polyclinic.data.limits import refuse_giant
from polyclinic.data.pixels import upright
from polyclinic.data.tiff import is_tiff, open_tiff

Numbers = NDArray[Any]

_ORIENTATION = 0x0112
_LOSSY = frozenset({"JPEG", "MPO", "AVIF"})
_HEAD = 65536
"""Bytes in which files that may be packed either way say which it was."""
_LOSSY_TIFF = (COMPRESSION.OJPEG, COMPRESSION.JPEG)
_ALPHA = (EXTRASAMPLE.ASSOCALPHA, EXTRASAMPLE.UNASSALPHA)


@dataclass(frozen=True, eq=False, kw_only=True)
class StoredMask:
    """The pixels of a mask image.

    Args:
        values: (H, W) grey values or rows of the palette, or (H, W, 3) colours, as stored; grey
            values of a file in which 0 is white are those that are shown.
        alpha: (H, W) how opaque a pixel is, 0 not at all; None where all are.
        palette: (N, 4) RGBA, 8 bit, that `values` are rows of; else None.
        lossy: whether grey edges are the work of the packing.
    """

    values: Numbers
    alpha: Numbers | None = None
    palette: NDArray[np.uint8] | None = None
    lossy: bool = False

    @property
    def in_colour(self) -> bool:
        """Whether the channels say different things."""
        return self.values.ndim == 3 and bool((self.values != self.values[..., :1]).any())

    @property
    def grey(self) -> Numbers:
        """(H, W) values, of colours the largest channel."""
        return self.values if self.values.ndim == 2 else self.values.max(-1)


def read_stored(path: Path) -> StoredMask:
    """Decode a mask, turned upright by its orientation.

    Raises:
        ImageError: of a kind that is not read.
        Exception: whatever decoders raise of a damaged file.
    """
    if is_dicom(path):
        dicom = read_dicom(path)
        values = dicom.pixels
        white_first = dicom.photometric == "MONOCHROME1"
        return StoredMask(values=_shown(values, 8 * values.itemsize) if white_first else values)
    if is_tiff(path):
        return _of_tiff(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(path) as image:
            refuse_giant(image.height, image.width, str(path))
            return _of_pillow(path, image)


def _of_tiff(path: Path) -> StoredMask:
    tiff = open_tiff(path)
    with tifffile.TiffFile(path) as file:
        packed = getattr(file.pages[0], "compression", COMPRESSION.NONE)
    if tiff.photometric == PHOTOMETRIC.PALETTE and tiff.colormap is not None:
        opaque = np.full((tiff.colormap.shape[1], 1), 255, np.uint8)
        palette = np.concatenate([tiff.colormap.T, opaque], axis=1)
        return StoredMask(values=tiff.samples[..., 0], palette=palette)
    colours = {PHOTOMETRIC.RGB: 3, PHOTOMETRIC.MINISBLACK: 1, PHOTOMETRIC.MINISWHITE: 1}
    number = colours.get(tiff.photometric)
    if number is None:
        return StoredMask(values=tiff.meant().values, lossy=packed in _LOSSY_TIFF)
    values = tiff.samples[..., 0] if number == 1 else tiff.samples[..., :number]
    if tiff.photometric == PHOTOMETRIC.MINISWHITE:
        values = _shown(values, tiff.bits)
    others = zip(tiff.extra, range(number, tiff.samples.shape[2]), strict=False)
    alphas = [tiff.samples[..., place] for kind, place in others if kind in _ALPHA]
    return StoredMask(
        values=values, alpha=alphas[0] if alphas else None, lossy=packed in _LOSSY_TIFF
    )


def _shown(values: Numbers, bits: int) -> Numbers:
    """Grey values of a file in which 0 is white.

    Where none is black they are no grey values but numbers of classes, which stay as they are.
    """
    black = 2**bits - 1
    grey = values.dtype.kind == "u" and (bits == 1 or values.max(initial=0) == black)
    return black - values if grey else values


def _of_pillow(path: Path, file: ImageFile.ImageFile) -> StoredMask:
    kind, deep = file.format, is_deep(file)  # before anything is decoded
    lossy = _is_lossy(path, kind)
    orientation = file.getexif().get(_ORIENTATION, 1)
    if deep:
        return _of_samples(upright(_deep_samples(path.read_bytes(), kind), orientation), lossy)
    image = ImageOps.exif_transpose(file)
    if image.mode == "P":
        return StoredMask(values=np.asarray(image), palette=_palette(image))
    if image.has_transparency_data:
        return _of_samples(np.asarray(image.convert("RGBA")), lossy)
    if image.mode not in ("1", "L", "I", "F", "RGB") and not image.mode.startswith("I;16"):
        image = image.convert("RGB")
    values = np.asarray(image)
    return _of_samples(values.astype(np.uint8) if values.dtype == bool else values, lossy)


def _is_lossy(path: Path, kind: str | None) -> bool:
    if kind not in ("WEBP", "JPEG2000"):
        return kind in _LOSSY
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if kind == "WEBP":
        return b"VP8L" not in head
    # The wavelet of the coding style: 0 can't be undone (ITU-T T.800, A.6.1).
    style = head.find(b"\xff\x52")
    return style < 0 or head[style + 13 : style + 14] == b"\0"


def _palette(image: Image.Image) -> NDArray[np.uint8]:
    """(256, 4) colours of the rows, those that the file lacks black."""
    palette = np.zeros((256, 4), np.uint8)
    colours = np.asarray(image.getpalette() or [], np.uint8).reshape(-1, 3)[:256]
    palette[: len(colours), :3] = colours
    palette[:, 3] = 255
    clear = image.info.get("transparency")
    if isinstance(clear, int):
        palette[clear, 3] = 0
    elif clear is not None:
        palette[: len(clear), 3] = np.frombuffer(clear, np.uint8)
    return palette


def _deep_samples(encoded: bytes, kind: str | None) -> Numbers:
    """(H, W) or (H, W, C) samples of more than 8 bits as stored, where Pillow cuts them."""
    if kind == "JPEG2000":
        return np.asarray(imagecodecs.jpeg2k_decode(encoded))
    if kind == "PNG":
        return np.asarray(imagecodecs.png_decode(encoded))
    samples = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED)
    if samples is None:
        raise ValueError(f"{kind} of 16 bits a channel")
    return np.asarray(samples)


def _of_samples(samples: Numbers, lossy: bool) -> StoredMask:
    """Of two or four samples a pixel the last is how opaque it is."""
    if samples.ndim == 2:
        return StoredMask(values=samples, lossy=lossy)
    alpha = samples[..., -1] if samples.shape[2] in (2, 4) else None
    values = samples if alpha is None else samples[..., :-1]
    values = values[..., 0] if values.shape[2] == 1 else values
    return StoredMask(values=values, alpha=alpha, lossy=lossy)
