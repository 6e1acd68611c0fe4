"""The colours of classes, the same in overlays, plots and reports.

Seven hues that people with any common colour vision tell apart: M. Okabe and K. Ito, *Color
Universal Design*, 2008. The order puts those first that stand out from the reddish ground of skin,
fundus and stained tissue.
"""

from __future__ import annotations

Colour = tuple[int, int, int]

SKY_BLUE: Colour = (86, 180, 233)
YELLOW: Colour = (240, 228, 66)
OCHRE: Colour = (176, 152, 0)
BLUE: Colour = (0, 114, 178)
VERMILION: Colour = (213, 94, 0)
GREEN: Colour = (0, 158, 115)
PURPLE: Colour = (204, 121, 167)
ORANGE: Colour = (230, 159, 0)

INK: Colour = (27, 36, 48)
PAPER: Colour = (255, 255, 255)
MUTED: Colour = (138, 147, 158)

_HUES = (SKY_BLUE, YELLOW, GREEN, VERMILION, PURPLE, BLUE, ORANGE)


def class_colour(index: int | None) -> Colour:
    """RGB of a class; after seven classes the hues come again, darker each time."""
    turn, hue = divmod(index or 0, len(_HUES))
    red, green, blue = (round(part * 0.65**turn) for part in _HUES[hue])
    return red, green, blue


def as_hex(colour: Colour) -> str:
    """`#rrggbb` of an RGB colour."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def line_colour(index: int) -> Colour:
    """RGB of a class on white paper: as in overlays, but for a yellow dark enough to be seen."""
    colour = class_colour(index)
    return OCHRE if colour == YELLOW else colour
