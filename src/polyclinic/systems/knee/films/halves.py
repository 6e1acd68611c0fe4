"""Where on a film a right and a left knee are looked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from polyclinic.sample import Sample
from polyclinic.systems.knee.films.config import Layout

Side = Literal["right", "left"]

SIDES: dict[str, Side] = {"R": "right", "L": "left"}
BOTH = "B"


@dataclass(frozen=True)
class Half:
    """The part of a film that shows one knee.

    Args:
        side: of the patient; a left knee is looked at mirrored.
        columns: first and one after the last.
        stated: whether the side is known; else the same columns are also looked at as the other
            side, and the surer one counts.
    """

    side: Side
    columns: tuple[int, int]
    stated: bool = True


def halves_of(film: Sample, layout: Layout) -> tuple[Half, ...]:
    """The halves of a film; the patient's right is on the left, as films are hung.

    Args:
        film: its size and laterality are looked at.
        layout: see `FilmConfig`.
    """
    height, width = film.size
    said = (film.laterality or "").strip().upper()[:1]
    side = SIDES.get(said)
    shows_both = said == BOTH or (side is None and width > height)
    if layout == "bilateral" or (layout == "auto" and shows_both):
        middle = width // 2
        return Half("right", (0, middle)), Half("left", (middle, width))
    whole = (0, width)
    if side is not None:
        return (Half(side, whole),)
    return Half("right", whole, stated=False), Half("left", whole, stated=False)
