"""One mask image to the pixels of one object, or of several classes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from polyclinic.data.findings import Finding, Place
from polyclinic.data.images import image_size
from polyclinic.errors import ImageError

_FEW = 2


def read_values(
    path: Path, size: tuple[int, int], place: Place
) -> tuple[NDArray[np.int64] | None, list[Finding]]:
    """The stored values of a mask for an image of `size`, (H, W); None with the reason.

    Grey values, palette numbers and bits are taken as they stand. Of a coloured mask the largest
    channel counts; transparency does not.
    """
    try:
        found = image_size(path)
        if found == size:
            return _decoded(path), []
    except ImageError as error:
        return None, [place.error(f"mask {path.name} {error.what}", error.expected, error.hint)]
    except (OSError, ValueError, SyntaxError) as error:
        return None, [place.error(f"mask {path.name} can't be decoded ({error})", "a PNG file")]
    return None, [
        place.error(
            f"mask {path.name} has {found[1]} x {found[0]} pixels",
            f"{size[1]} x {size[0]}, as the image",
            "use the image that was annotated; this mask is left out",
        )
    ]


def binary_findings(values: NDArray[np.int64], name: str, place: Place) -> Iterator[Finding]:
    """A doubt where a mask that should hold two values holds more."""
    number = len(np.unique(values))
    if number > _FEW:
        yield place.warning(
            f"mask {name} holds {number} values",
            "two: background and object",
            "every value above 0 counts as the object; a mask must not be scaled or a JPEG",
        )


def _decoded(path: Path) -> NDArray[np.int64]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(path) as image:
            bands = image.getbands()
            values = np.asarray(image).astype(np.int64)
    if values.ndim == 2:
        return values
    coloured = [row for row, band in enumerate(bands) if band != "A"]
    return np.asarray(values[..., coloured].max(-1))
