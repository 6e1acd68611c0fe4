"""Image files to 8-bit RGB pixels, and to those of 16 bits where there are any."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from polyclinic.data.dicom import is_dicom, read_dicom, read_header
from polyclinic.data.grey import UNKNOWN, Grey
from polyclinic.data.limits import CUT, LIMIT, MAX_PIXELS, MIN_SIDE, refuse_giant
from polyclinic.data.pixels import (
    TRANSPOSED,
    Meant,
    as_kept,
    bits_of_jpeg2000,
    meant_by_deep,
    meant_by_pillow,
    upright,
)
from polyclinic.data.png import says_more_after_pixels
from polyclinic.data.tiff import is_tiff, open_tiff, tiff_pages, tiff_size
from polyclinic.errors import ImageError
from polyclinic.sample import Pixels, Sample
from polyclinic.sample.grey_scale import BYTE, GreyScale

__all__ = [
    "DICOM_SUFFIXES",
    "MAX_PIXELS",
    "MIN_SIDE",
    "SUFFIXES",
    "Picture",
    "image_size",
    "is_deep",
    "page_count",
    "read_image",
    "read_picture",
]

SUFFIXES = frozenset(
    {
        *(".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".tif", ".tiff"),
        *(".bmp", ".dib", ".webp", ".gif", ".avif"),
        *(".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx"),
        *(".ppm", ".pgm", ".pbm", ".pnm", ".pfm"),
    }
)
"""How image files are named, other than DICOM files."""
DICOM_SUFFIXES = frozenset({".dcm", ".dicom", ".ima"})
"""How DICOM files are named at times; they are recognised by what they hold."""

_ORIENTATION = 0x0112


@dataclass(frozen=True, eq=False)
class Picture:
    """The pixels of a file.

    Args:
        rgb: (H, W, 3), 8 bit.
        deep: (H, W) or (H, W, 3) as stored, by what they mean, where a value has more than 8
            bits: uint16, int16, uint32, int32 or float32; of DICOM files (H, W) of 16 bits as
            they are shown, after window and inversion. None where `rgb` holds everything.
        grey: what is black and white in `deep`; 0 and 255 where there is none.
        stated: whether the file says so itself.
        steps: what was done to show it, in order, where the file leaves a choice.
        doubts: what may make the picture other than it looks.
    """

    rgb: NDArray[np.uint8]
    deep: Pixels | None = None
    grey: GreyScale = BYTE
    stated: bool = False
    steps: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    def of(self, sample: Sample) -> Sample:
        """A sample of the same size with these pixels."""
        return replace(
            sample,
            image=self.rgb,
            deep=self.deep,
            grey=self.grey,
            grey_stated=self.stated,
            steps=self.steps,
            doubts=self.doubts,
        )

    @property
    def stored(self) -> Pixels:
        """The pixels at their depth; `grey` is their black and white."""
        return self.rgb if self.deep is None else self.deep


def read_image(path: str | Path) -> NDArray[np.uint8]:
    """Decode a file of no cohort to (H, W, 3) RGB, 8 bit; see `read_picture`."""
    return read_picture(path).rgb


def read_picture(path: str | Path, grey: Grey = UNKNOWN) -> Picture:
    """Decode a file, turned upright by its EXIF orientation.

    Of files with several pages or frames the first is read. Colour profiles are ignored. What
    pixels mean is said in `polyclinic.data.pixels` and `polyclinic.data.tiff`, how deep ones
    become 8-bit RGB in `polyclinic.data.grey`, how DICOM files do in `polyclinic.data.dicom.read`.

    Args:
        path: of the file.
        grey: says what is black and white in pixels of more than 8 bits.

    Raises:
        ImageError: missing, truncated, not an image, of more than `MAX_PIXELS`, of a kind that is
            not read, or with pixels that are no finite numbers.
    """
    meant, shown = decode(path)
    if shown is not None:
        deep = None if meant.kind == "uint8" else meant.values
        doubts = (*meant.doubts, *grey.doubts("uint8", shown, stated=True))
        return Picture(shown, deep, meant.stated or BYTE, True, meant.steps, doubts)
    scale, stated = grey(meant), meant.stated is not None
    rgb = scale.to_rgb8(meant.values)
    doubts = grey.doubts(meant.kind, rgb, stated=stated)
    if meant.kind == "uint8":
        return Picture(rgb, steps=meant.steps, doubts=doubts)
    shown_by = f"grey: {scale.black:g} black, {scale.white:g} white"
    return Picture(rgb, meant.values, scale, stated, (*meant.steps, shown_by), doubts)


def decode(path: str | Path) -> tuple[Meant, NDArray[np.uint8] | None]:
    """What the pixels of a file mean, and of a DICOM file how it says that they are shown.

    Raises:
        ImageError: as of `read_picture`.
    """
    if is_dicom(path):
        dicom = read_dicom(path)
        values, scale = (dicom.rgb, BYTE) if dicom.deep is None else (dicom.deep, _DEEP)
        said = {"steps": dicom.steps, "doubts": dicom.doubts}
        return Meant(values=values, stated=scale, **said), dicom.rgb
    where = str(path)
    if is_tiff(path):
        with plainly(path):
            return as_kept(open_tiff(path).meant(), where), None
    with _opened(path) as image:
        refuse_giant(image.height, image.width, where)
        if not is_deep(image):
            # exif_transpose decodes; a truncated file fails here.
            return as_kept(meant_by_pillow(ImageOps.exif_transpose(image)), where), None
        orientation = image.getexif().get(_ORIENTATION, 1)
        meant = as_kept(meant_by_deep(Path(path).read_bytes(), str(image.format)), where)
        return replace(meant, values=upright(meant.values, orientation)), None


_DEEP = GreyScale(0, 65535)


def is_deep(image: ImageFile.ImageFile) -> bool:
    """Whether Pillow would cut 16 bits to 8, or pass over what is transparent among them."""
    modes = (tile[3] for tile in image.tile)
    raw = (mode if isinstance(mode, str) else str(mode[0]) for mode in modes if mode)
    deep = image.mode.startswith("I;16") or any(";16" in mode for mode in raw)
    if image.format == "JPEG2000":
        with Path(str(image.filename)).open("rb") as file:
            return bits_of_jpeg2000(file.read(_HEAD)) > 8
    return deep and image.format in _DEEP_FORMATS


_DEEP_FORMATS = ("PNG", "PPM", "SGI")
_HEAD = 4096


def image_size(path: str | Path) -> tuple[int, int]:
    """(height, width) after EXIF orientation, from the file's header alone.

    Raises:
        ImageError: missing or not an image.
    """
    if is_dicom(path):
        return read_header(path).size
    if is_tiff(path):
        with plainly(path):
            return tiff_size(path)
    with _opened(path) as image:
        width, height = image.size
        turned = _header_exif(image, path).get(_ORIENTATION) in TRANSPOSED
    return (width, height) if turned else (height, width)


def _header_exif(image: ImageFile.ImageFile, path: str | Path) -> Image.Exif:
    """What `getexif` gives; of a PNG file it would decode the pixels to look behind them."""
    if image.format != "PNG" or says_more_after_pixels(path):
        return image.getexif()
    return Image.Image.getexif(image)


def page_count(path: str | Path) -> int:
    """Number of pages or frames in a file; thumbnails and masks of a TIFF file are none.

    Raises:
        ImageError: missing or not an image.
    """
    if is_dicom(path):
        return read_header(path).frames
    if is_tiff(path):
        with plainly(path):
            return tiff_pages(path)
    with _opened(path) as image:
        return int(getattr(image, "n_frames", 1))


@contextmanager
def _opened(path: str | Path) -> Iterator[ImageFile.ImageFile]:
    """Open a file by Pillow."""
    with plainly(path), Image.open(path) as image:
        yield image


@contextmanager
def plainly(path: str | Path) -> Iterator[None]:
    """Turn every way in which decoding a file fails into one clear message."""
    where = str(path)
    try:
        with warnings.catch_warnings():
            # Size is judged by refuse_giant; what metadata holds is of no concern.
            warnings.simplefilter("ignore")
            yield
    except ImageError:
        raise
    except Image.DecompressionBombError:
        raise ImageError("has too many pixels", expected=LIMIT, hint=CUT, where=where) from None
    except UnidentifiedImageError:
        raise ImageError(_why_unidentified(Path(path)), where=where) from None
    except OSError as error:
        raise ImageError(_why_unreadable(error), where=where) from None
    except Exception as error:  # broken files make decoders raise whatever comes
        raise ImageError(f"can't be decoded ({error})", hint=_BROKEN, where=where) from None


_BROKEN = "the file may be truncated or damaged; copy it again"


def _why_unreadable(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "the file does not exist"
    if isinstance(error, IsADirectoryError):
        return "is a folder, not an image file"
    if isinstance(error, PermissionError):
        return "may not be read; change its permissions"
    return f"can't be decoded ({error}); {_BROKEN}"


def _why_unidentified(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(256)
    if not head:
        return "is empty (0 bytes)"
    if head.isascii():
        return "is a text file, not an image"
    return f"is damaged or of a kind that is not supported ({path.suffix or 'no suffix'})"
