"""Image files to 8-bit RGB pixels."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from polyclinic.data.pixels import to_rgb8
from polyclinic.errors import ImageError

MIN_SIDE = 16
"""Smallest side, in pixels, that a reader accepts; `read_image` itself opens smaller files."""
MAX_PIXELS = 100_000_000
"""Largest image that is decoded."""
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif"})

_ORIENTATION = 0x0112
_TRANSPOSED = (5, 6, 7, 8)


def read_image(path: str | Path) -> NDArray[np.uint8]:
    """Decode a file to (H, W, 3) RGB, turned upright by its EXIF orientation.

    Of files with several pages the first is read. Colour profiles are ignored. How deep and
    transparent pixels become 8-bit RGB is said in `polyclinic.data.pixels`.

    Raises:
        ImageError: missing, truncated, not an image, or of more than `MAX_PIXELS`.
    """
    with _opened(path) as image:
        _refuse_giant(image, path)
        # exif_transpose decodes; a truncated file fails here.
        return to_rgb8(ImageOps.exif_transpose(image))


def image_size(path: str | Path) -> tuple[int, int]:
    """(height, width) after EXIF orientation, from the file's header alone.

    Raises:
        ImageError: missing or not an image.
    """
    with _opened(path) as image:
        width, height = image.size
        turned = image.getexif().get(_ORIENTATION) in _TRANSPOSED
    return (width, height) if turned else (height, width)


def page_count(path: str | Path) -> int:
    """Number of pages or frames in a file.

    Raises:
        ImageError: missing or not an image.
    """
    with _opened(path) as image:
        return int(getattr(image, "n_frames", 1))


@contextmanager
def _opened(path: str | Path) -> Iterator[Image.Image]:
    """Open a file and turn every way in which that fails into one clear message."""
    where = str(path)
    try:
        with warnings.catch_warnings():
            # Size is judged by _refuse_giant; what metadata holds is of no concern.
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                yield image
    except FileNotFoundError:
        raise ImageError("the file does not exist", where=where) from None
    except IsADirectoryError:
        raise ImageError("is a folder", expected="an image file", where=where) from None
    except PermissionError:
        raise ImageError("may not be read", hint="change its permissions", where=where) from None
    except UnidentifiedImageError:
        raise ImageError(_why_unidentified(Path(path)), where=where) from None
    except Image.DecompressionBombError:
        raise ImageError("is too large", expected=_LIMIT, where=where) from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError) as error:
        raise ImageError(
            f"can't be decoded ({error})",
            hint="the file may be truncated; copy it again",
            where=where,
        ) from None


_LIMIT = f"at most {MAX_PIXELS:,} pixels"


def _refuse_giant(image: Image.Image, path: str | Path) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"has {width} x {height} pixels",
            expected=_LIMIT,
            where=str(path),
            hint="scale it down or cut it into fields",
        )


def _why_unidentified(path: Path) -> str:
    head = path.open("rb").read(256)
    if not head:
        return "is empty (0 bytes)"
    if head.isascii():
        return "is a text file, not an image"
    return f"is of a kind that is not supported ({path.suffix or 'no suffix'})"
