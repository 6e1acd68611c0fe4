"""Text on a picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from polyclinic.reading.palette import Colour

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True)
class Text:
    """One line of text with the place of its left middle."""

    words: str
    x: float
    y: float
    size: int
    colour: Colour


@cache
def font(size: int) -> Font:
    """The typeface of all overlays: the DejaVu Sans that matplotlib brings along.

    It is read from the package's folder without importing matplotlib. Pillow's own typeface
    has no µ and is only the last resort.
    """
    package = find_spec("matplotlib")
    for folder in (package.submodule_search_locations or []) if package else []:
        file = Path(folder, "mpl-data", "fonts", "ttf", "DejaVuSans.ttf")
        if file.is_file():
            return ImageFont.truetype(file, size)
    return ImageFont.load_default(size)


def _line(words: str) -> str:
    """Words as one line; what can't be shown, such as a line break in a name, is a space."""
    return "".join(one if one.isprintable() else " " for one in words)


def width(words: str, size: int) -> int:
    """Pixels that a line of text takes."""
    return round(font(size).getlength(_line(words)))


def letter(pixels: NDArray[np.uint8], texts: list[Text]) -> None:
    """Write lines of text into an (H, W, 3) picture."""
    picture = Image.fromarray(pixels)
    brush = ImageDraw.Draw(picture)
    for text in texts:
        place = (text.x, text.y)
        brush.text(place, _line(text.words), fill=text.colour, font=font(text.size), anchor="lm")
    pixels[:] = np.asarray(picture)
