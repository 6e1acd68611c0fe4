"""One field of a stained section."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import ConfigError
from polyclinic.systems.kidney.phantoms.deposit import deposits, paint_spots
from polyclinic.systems.kidney.phantoms.light import (
    LEVELS,
    bleaching,
    defocus,
    draw_camera,
    expose,
    haze,
    illumination,
    specks,
)
from polyclinic.systems.kidney.phantoms.patient import PATTERNS, Pattern, Slide, draw_slide
from polyclinic.systems.kidney.phantoms.tissue import Glomerulus, draw_glomeruli, paint_tissue

Plane = NDArray[np.float32]

SIDES = (48, 1024)
"""Smallest and largest side of an image in px."""

_BY_EYE = 0.7  # the larger, the less longer dim fields are exposed
_UNEVEN = 0.15  # spread of exposures


def glomerulus_image(
    pattern: Pattern,
    *,
    amplitude: float = 1.0,
    side: int = 128,
    level: float = 0,
    rng: np.random.Generator,
) -> Plane:
    """(side, side) image of a field, 0 to 1, as a camera takes it.

    The same generator state gives the same field, camera and noise at each level, so that levels
    can be compared field by field.

    Args:
        pattern: of the deposits.
        amplitude: brightness of the deposits, 0 (none) to 1.
        side: of the image in px.
        level: out of focus, 0 (sharp) to 4; sigma is level / 256 of the side.
        rng: source of chance for all of it.

    Raises:
        ConfigError: the pattern is unknown, or the side or the level is out of range.
    """
    if not 0 <= level < LEVELS:
        raise ConfigError(f"level {level}", expected=f"0 to {LEVELS - 1}")
    slide, camera = draw_slide(rng), draw_camera(rng)
    light = field_light(pattern, slide, amplitude=amplitude, side=side, rng=rng)
    return expose(defocus(light, level), camera, rng)


def field_light(
    pattern: Pattern, slide: Slide, *, amplitude: float, side: int, rng: np.random.Generator
) -> Plane:
    """(side, side) light of a field in focus, without noise; about 0 to 1, here and there more.

    Args:
        pattern: of the deposits.
        slide: what all fields of a patient share.
        amplitude: brightness of the deposits.
        side: of the image in px.
        rng: source of chance for what differs from field to field.

    Raises:
        ConfigError: the pattern is unknown or the side is out of range.
    """
    if pattern not in PATTERNS:
        raise ConfigError(f"no pattern {pattern!r}", expected=", ".join(PATTERNS))
    if not SIDES[0] <= side <= SIDES[1]:
        raise ConfigError(f"a side of {side} px", expected=f"{SIDES[0]} to {SIDES[1]}")
    glomeruli = draw_glomeruli(rng)
    light = slide.glow * paint_tissue(glomeruli, side, rng)
    light += amplitude * paint_deposits(glomeruli, pattern, side, rng)
    bright = specks(glomeruli, side, rng)
    if bright is not None:
        light += bright
    light *= bleaching(side, rng)
    light += haze(light, rng)
    light *= illumination(side, rng)
    return light * _exposure(light, slide, rng)


def _exposure(light: Plane, slide: Slide, rng: np.random.Generator) -> np.float32:
    """Exposure is set by eye: weak stains are taken longer, and stay dimmer all the same."""
    bright = np.quantile(light, 0.995)
    chosen = slide.target * np.exp(rng.normal(0, _UNEVEN))
    return np.float32(chosen * (1 + _BY_EYE) / (bright + _BY_EYE))


def paint_deposits(
    glomeruli: Sequence[Glomerulus], pattern: Pattern, side: int, rng: np.random.Generator
) -> Plane:
    """(side, side) light of the deposits alone, of full strength."""
    plane = np.zeros((side, side), np.float32)
    for one in glomeruli:
        for spots in deposits(one.tuft, pattern, rng):
            places = one.centre + one.radius * spots.places
            plane += paint_spots(places, spots.peaks, one.radius * spots.width, side)
    return plane
