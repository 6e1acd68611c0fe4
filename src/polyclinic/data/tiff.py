"""A TIFF file to pixels: one path for every kind, decoded by tifffile.

`open_tiff` gives the samples as they are stored, upright and with the samples of a pixel side by
side; `TiffImage.meant` what they mean. Tags are those of TIFF 6.0 (Adobe, 1992), which also
defines what each says:

- The orientation (274) is applied once, here.
- Of WhiteIsZero (262) the complement is taken at every depth (`polyclinic.data.pixels`).
- Palettes (320) are looked up; their entries have 8 bits where all are below 256, else 16, of
  which the upper 8 are taken, as libtiff does.
- A further sample is transparency only where ExtraSamples (338) says so. Transparent pixels lie
  over black. Associated alpha has been multiplied into the colours already. Others are left out.
- CMYK becomes RGB without a profile; YCbCr where JPEG holds it. Lab and what cameras call raw are
  refused.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from tifffile import COMPRESSION, EXTRASAMPLE, PHOTOMETRIC, SAMPLEFORMAT

from polyclinic.data.limits import refuse_giant
from polyclinic.data.pixels import (
    LAID,
    TRANSPOSED,
    Meant,
    cmyk_to_rgb,
    complement,
    over_black,
    upright,
)
from polyclinic.errors import ImageError
from polyclinic.sample.grey_scale import GreyScale

__all__ = ["TiffImage", "is_tiff", "open_tiff", "tiff_pages", "tiff_size"]

Samples = NDArray[Any]

_MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_REDUCED_OR_MASK = 0b101
"""Bits of NewSubfileType (254)."""
_MOST_SAMPLES = 64
_COLOURS = {
    PHOTOMETRIC.MINISWHITE: 1,
    PHOTOMETRIC.MINISBLACK: 1,
    PHOTOMETRIC.RGB: 3,
    PHOTOMETRIC.PALETTE: 1,
    PHOTOMETRIC.SEPARATED: 4,
    PHOTOMETRIC.YCBCR: 3,
}
_JPEG = (COMPRESSION.OJPEG, COMPRESSION.JPEG)
_TYPES = tuple(map(np.dtype, ("?", "u1", "u2", "u4", "i1", "i2", "i4", "f2", "f4", "f8")))
_ALPHA = (EXTRASAMPLE.ASSOCALPHA, EXTRASAMPLE.UNASSALPHA)
_CONVERT = "save it as grey or RGB"
_MEANING = "the file does not call them transparency"

logging.getLogger("tifffile").addHandler(logging.NullHandler())


@dataclass(frozen=True, eq=False, kw_only=True)
class TiffImage:
    """The first image of a TIFF file, upright.

    Args:
        samples: (H, W, S) as stored, unsigned, signed or floating; bits are 0 and 1.
        photometric: what the samples mean.
        extra: what those beyond the colours mean.
        bits: of a sample.
        colormap: (3, 2^bits) of palettes, as `colours_of` reads them; else None.
        stated: the sample values that the file calls black and white (340, 341), or those of
            fewer bits than the type has; None where it says nothing, and of 8 bits or fewer.
        where: the file, for messages.
    """

    samples: Samples
    photometric: PHOTOMETRIC
    extra: tuple[int, ...]
    bits: int
    colormap: NDArray[np.uint8] | None
    stated: GreyScale | None
    where: str

    @property
    def codes(self) -> Samples:
        """(H, W) or (H, W, S) as stored: numbers of a palette, codes of a mask, complements."""
        return self.samples[..., 0] if self.samples.shape[2] == 1 else self.samples

    def meant(self) -> Meant:
        """The pixels by what they mean; see the module.

        Raises:
            ImageError: the file means something that is not read.
        """
        number = _COLOURS[self.photometric]
        colours, steps = self.samples[..., :number], []
        others = list(zip(self.extra, range(number, self.samples.shape[2]), strict=False))
        alphas = [one for one in others if one[0] in _ALPHA]
        if len(others) > len(alphas[:1]):
            left = len(others) - len(alphas[:1])
            steps.append(f"{left} of {self.samples.shape[2]} samples a pixel left out: {_MEANING}")
        if self.photometric == PHOTOMETRIC.PALETTE:
            assert self.colormap is not None
            colours = self.colormap.T[colours[..., 0]]
        elif self.bits < 8:
            top = 2**self.bits - 1
            colours = np.rint(colours * (255 / top)).astype(np.uint8)
        if self.photometric == PHOTOMETRIC.MINISWHITE:
            colours = complement(colours, self.stated)
        if self.photometric == PHOTOMETRIC.SEPARATED:
            colours = cmyk_to_rgb(colours, _top(colours, self.bits))
        if alphas and alphas[0][0] == EXTRASAMPLE.UNASSALPHA:
            alpha = self.samples[..., alphas[0][1]]
            colours = over_black(colours, alpha / _top(alpha, self.bits))
            steps.append(LAID)
        grey = colours.shape[2] == 1
        return Meant(
            values=np.ascontiguousarray(colours[..., 0] if grey else colours),
            stated=self.stated,
            steps=tuple(steps),
        )


def is_tiff(path: str | Path) -> bool:
    """Whether a file begins as TIFF files do, of either byte order and size."""
    try:
        with Path(path).open("rb") as file:
            return file.read(4) in _MARKS
    except OSError:
        return False


def open_tiff(path: str | Path) -> TiffImage:
    """Decode the first image of a file that is no thumbnail and no mask.

    Raises:
        ImageError: truncated, of more than `MAX_PIXELS`, or of a kind that is not read.
        Exception: whatever tifffile raises of a damaged file.
    """
    where = str(path)
    with _first(path) as (file, page):
        refuse_giant(page.imagelength, page.imagewidth, where)
        photometric, bits = _checked(page, where), int(page.bitspersample)
        _refuse_truncated(page, file.filehandle.size, where)
        planes = page.asarray(squeeze=False, maxworkers=1)
        # (planes, depth, H, W, samples): the first of the depth, samples side by side
        samples = np.moveaxis(planes[:, 0], 0, 2).reshape(*planes.shape[2:4], -1)
        kind = np.uint8 if samples.dtype == bool else samples.dtype.newbyteorder("=")
        samples = samples.astype(kind, copy=False)
        orientation = _orientation(page)
        palette = photometric == PHOTOMETRIC.PALETTE
        return TiffImage(
            samples=upright(samples, orientation),
            photometric=photometric,
            extra=_extra(page, photometric, samples.shape[2]),
            bits=bits,
            colormap=_colours_of(page.colormap, where) if palette else None,
            stated=_stated(page, bits),
            where=where,
        )


def tiff_size(path: str | Path) -> tuple[int, int]:
    """(height, width) upright, from the tags alone.

    Raises:
        Exception: whatever tifffile raises of a damaged file.
    """
    with _first(path) as (_, page):
        size = int(page.imagelength), int(page.imagewidth)
        return size[::-1] if _orientation(page) in TRANSPOSED else size


def tiff_pages(path: str | Path) -> int:
    """Number of images, thumbnails and masks not counted.

    Raises:
        Exception: whatever tifffile raises of a damaged file.
    """
    with _first(path) as (file, page):
        if len(file.pages) == 1:
            frames = (file.imagej_metadata or {}).get("images", 1) if file.is_imagej else 1
            return max(int(frames), int(page.imagedepth), 1)
        return max(1, sum(_is_image(one) for one in file.pages))


@contextmanager
def _first(path: str | Path) -> Iterator[tuple[tifffile.TiffFile, tifffile.TiffPage]]:
    with tifffile.TiffFile(path, _multifile=False) as file:
        file.pages.useframes = False
        for page in file.pages:
            if _is_image(page):
                break
        else:
            page = file.pages[0]
        assert isinstance(page, tifffile.TiffPage)  # useframes is off
        yield file, page


def _is_image(page: Any) -> bool:
    return not int(page.subfiletype) & _REDUCED_OR_MASK


def _orientation(page: tifffile.TiffPage) -> int:
    value = page.tags.valueof(274, default=1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _checked(page: tifffile.TiffPage, where: str) -> PHOTOMETRIC:
    """What the samples mean.

    Raises:
        ImageError: it is not read.
    """
    number = int(page.samplesperpixel)
    photometric = int(page.photometric)
    if 262 not in page.tags and page.compression not in _JPEG:
        photometric = PHOTOMETRIC.RGB if number in (3, 4) else PHOTOMETRIC.MINISBLACK
    if photometric not in _COLOURS:
        name = getattr(page.photometric, "name", photometric)
        raise ImageError(
            f"is a TIFF of the kind {name}", expected=_KINDS, hint=_CONVERT, where=where
        )
    if number < _COLOURS[PHOTOMETRIC(photometric)] or number > _MOST_SAMPLES:
        what = f"has {number} samples a pixel of the kind {PHOTOMETRIC(photometric).name}"
        raise ImageError(what, expected=_KINDS, hint=_CONVERT, where=where)
    if photometric == PHOTOMETRIC.YCBCR and (page.compression not in _JPEG or page.extrasamples):
        raise ImageError("holds YCbCr that is no JPEG", expected=_KINDS, hint=_CONVERT, where=where)
    if photometric == PHOTOMETRIC.SEPARATED and page.tags.valueof(332, default=1) != 1:
        raise ImageError("holds inks other than CMYK", expected=_KINDS, hint=_CONVERT, where=where)
    if page.dtype not in _TYPES:
        what = f"has samples of {page.bitspersample} bits, format {page.sampleformat}"
        raise ImageError(what, expected=_DEPTHS, hint=_CONVERT, where=where)
    return PHOTOMETRIC(photometric)


_DEPTHS = "whole numbers of up to 32 bits, or floats"
_KINDS = "grey, RGB, a palette, CMYK, or YCbCr in JPEG"


def _refuse_truncated(page: tifffile.TiffPage, size: int, where: str) -> None:
    """What lies beyond the end of the file would be read as black.

    Raises:
        ImageError: a part does.
    """
    ends = (
        start + count for start, count in zip(page.dataoffsets, page.databytecounts, strict=False)
    )
    if max(ends, default=0) > size:
        raise ImageError(
            "can't be decoded (it is truncated)",
            hint="the file may be damaged; copy it again",
            where=where,
        )


def _extra(page: tifffile.TiffPage, photometric: PHOTOMETRIC, number: int) -> tuple[int, ...]:
    """What each sample beyond the colours means; unspecified where nothing is said."""
    said = tuple(int(one) for one in page.extrasamples)
    beyond = number - _COLOURS[photometric]
    return (*said, *(EXTRASAMPLE.UNSPECIFIED,) * beyond)[:beyond]


def _colours_of(colormap: Any, where: str) -> NDArray[np.uint8]:
    if colormap is None:
        raise ImageError("has a palette without colours", hint=_CONVERT, where=where)
    colours = np.asarray(colormap)
    return np.asarray(colours if colours.max(initial=0) < 256 else colours >> 8, np.uint8)


def _stated(page: tifffile.TiffPage, bits: int) -> GreyScale | None:
    if bits <= 8 or page.photometric == PHOTOMETRIC.PALETTE:
        return None  # these are what they are
    black, white = (page.tags.valueof(code) for code in (340, 341))
    if white is not None:
        low = 0.0 if black is None else float(np.min(black))
        if math.isfinite(low) and low < float(np.max(white)) < math.inf:
            return GreyScale(low, float(np.max(white)))
    if page.sampleformat == SAMPLEFORMAT.UINT and 8 < bits < 16:
        return GreyScale(0, 2**bits - 1)
    return None


def _top(values: Samples, bits: int) -> float:
    """The largest value that a sample can have; 1 of floats."""
    if values.dtype.kind == "f":
        return 1.0
    if values.dtype.kind == "u":
        return float(2**bits - 1) if bits >= 8 else 255.0
    return float(np.iinfo(values.dtype).max)
