"""Image files to 8-bit RGB pixels, and to those of 16 bits where there are any."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from polyclinic.data.dicom import is_dicom, read_dicom, read_header
from polyclinic.data.limits import CUT, LIMIT, MAX_PIXELS, MIN_SIDE, refuse_giant
from polyclinic.data.pixels import (
    TRANSPOSED,
    Deep,
    decode_deep_colour,
    deep_to_rgb8,
    to_rgb8,
    upright,
)
from polyclinic.data.png import says_more_after_pixels
from polyclinic.errors import ImageError

__all__ = [
    "DICOM_SUFFIXES",
    "MAX_PIXELS",
    "MIN_SIDE",
    "SUFFIXES",
    "Picture",
    "image_size",
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
        deep: (H, W) or (H, W, 3) as stored, where the file holds 16 bits a channel; of DICOM
            files (H, W) as they are shown, after window and inversion. None where `rgb` holds
            everything.
        steps: what was done to show it, in order, where the file leaves a choice.
        doubts: what may make the picture, or lengths in it, other than they look.
    """

    rgb: NDArray[np.uint8]
    deep: Deep | None = None
    steps: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def read_image(path: str | Path) -> NDArray[np.uint8]:
    """Decode a file to (H, W, 3) RGB, 8 bit; see `read_picture`."""
    return read_picture(path).rgb


def read_picture(path: str | Path) -> Picture:
    """Decode a file, turned upright by its EXIF orientation.

    Of files with several pages or frames the first is read. Colour profiles are ignored. How deep
    and transparent pixels become 8-bit RGB is said in `polyclinic.data.pixels`, how DICOM files
    do in `polyclinic.data.dicom.read`.

    Raises:
        ImageError: missing, truncated, not an image, of more than `MAX_PIXELS`, or with pixels
            that are no finite numbers.
    """
    if is_dicom(path):
        dicom = read_dicom(path)
        return Picture(dicom.rgb, dicom.deep, dicom.steps, dicom.doubts)
    with _opened(path) as image:
        refuse_giant(image.height, image.width, str(path))
        # exif_transpose decodes; a truncated file fails here.
        if _is_deep_colour(image):
            colours = decode_deep_colour(Path(path).read_bytes())
            deep = upright(colours, image.getexif().get(_ORIENTATION, 1))
        elif image.mode.startswith("I;16"):
            deep = np.array(ImageOps.exif_transpose(image), np.uint16)
        else:
            return Picture(to_rgb8(ImageOps.exif_transpose(image), str(path)))
        return Picture(deep_to_rgb8(deep), deep)


def _is_deep_colour(image: ImageFile.ImageFile) -> bool:
    """Whether several channels of 16 bits would be cut to 8 by Pillow."""
    modes = (tile[3] for tile in image.tile)
    raw = (mode if isinstance(mode, str) else str(mode[0]) for mode in modes if mode)
    return len(image.getbands()) > 1 and any(";16" in mode for mode in raw)


def image_size(path: str | Path) -> tuple[int, int]:
    """(height, width) after EXIF orientation, from the file's header alone.

    Raises:
        ImageError: missing or not an image.
    """
    if is_dicom(path):
        return read_header(path).size
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
    """Number of pages or frames in a file.

    Raises:
        ImageError: missing or not an image.
    """
    if is_dicom(path):
        return read_header(path).frames
    with _opened(path) as image:
        return int(getattr(image, "n_frames", 1))


@contextmanager
def _opened(path: str | Path) -> Iterator[ImageFile.ImageFile]:
    """Open a file and turn every way in which that fails into one clear message."""
    where = str(path)
    try:
        with warnings.catch_warnings():
            # Size is judged by refuse_giant; what metadata holds is of no concern.
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                yield image
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
