"""Vessels to pixels, and blood to light.

Light is lost by Beer and Lambert's law in proportion to the length of its path through blood.
A part of the light, the veil, is scattered back by the tissue in front of the vessel and never
meets it: even a giant capillary is dark red, not black.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.systems.nailfold.phantoms.loop import Loop, Strand

Plane = NDArray[np.float32]

BLOOD_PER_UM = np.array([0.0095, 0.0395, 0.0330])
"""Optical density (base e) of a µm of blood in red, green and blue; set by eye."""
PIGMENT = np.array([0.38, 1.25, 1.45])
"""Optical density of extravasated blood of depth 1: browner than blood in a vessel."""
VEIL = np.array([0.30, 0.22, 0.24])
"""Share of the light that the tissue in front of a vessel scatters back."""
_GREEN = 1


def transmission(blood_um: Plane, pigment: Plane, channel: int) -> Plane:
    """Share of the skin's light that is left in a colour channel.

    Args:
        blood_um: (H, W) length of the path through blood, in µm.
        pigment: (H, W) depth of extravasated blood, about 0 to 1.
        channel: 0 red, 1 green, 2 blue.
    """
    density = blood_um * -BLOOD_PER_UM[channel] - pigment * PIGMENT[channel]
    veil = VEIL[channel]
    return np.asarray(veil + (1 - veil) * np.exp(density), np.float32)


def visible_blood_um(contrast: float) -> float:
    """Path through blood, in µm, that darkens green light by a share of `contrast`."""
    return float(-np.log(1 - contrast / (1 - VEIL[_GREEN])) / BLOOD_PER_UM[_GREEN])


_CHUNK = 10  # discs that are painted at once on one small window
_CROSSING_PX = 14.0  # around a crossing both limbs lie above each other


@dataclass(frozen=True, eq=False)
class Patch:
    """Part of a picture whose first pixel is (left, top); it may reach beyond the image.

    Args:
        blood_px: (h, w) length of the path of light through blood, in px.
        covered: (h, w) pixels whose centre lies in the visible part.
    """

    left: int
    top: int
    blood_px: NDArray[np.float32]
    covered: NDArray[np.bool_]


def paint_loop(loop: Loop, defocus_px: float) -> Patch:
    """Paint a loop; where limbs lie above each other at a crossing their blood adds up.

    Args:
        loop: what to paint.
        defocus_px: standard deviation of its own blur. A blurred loop covers what has at least
            half of its greatest density, as a person would outline the smear.
    """
    points = np.concatenate([s.points for s in loop.strands])
    reach = max(s.radii.max() for s in loop.strands) + 2 + 3 * defocus_px
    left, top = np.floor(points.min(0) - reach).astype(int)
    width, height = np.ceil(points.max(0) + reach).astype(int) + 1 - (left, top)
    origin = np.array([left, top])
    layers = [_paint(strand, origin, (height, width)) for strand in loop.strands]
    blood = np.maximum.reduce([one for one, _ in layers])
    crossing = loop.crossing()
    if crossing is not None:
        x, y = crossing - origin
        rows, columns = np.ogrid[:height, :width]
        near = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / _CROSSING_PX**2)
        blood += (np.minimum(layers[0][0], layers[1][0]) * near).astype(np.float32)
    covered = np.logical_or.reduce([one for _, one in layers])
    if defocus_px > 0:
        blood = np.asarray(cv2.GaussianBlur(blood, (0, 0), defocus_px), np.float32)
        soft = cv2.GaussianBlur(covered.astype(np.float32), (0, 0), defocus_px)
        covered = soft >= soft.max() / 2
    return Patch(int(left), int(top), blood, covered)


def _paint(
    strand: Strand, origin: NDArray[np.int_], size: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    blood = np.zeros(size, np.float32)
    covered = np.zeros(size, bool)
    points = (strand.points - origin).astype(np.float32)
    square = (strand.radii**2).astype(np.float32)
    strength = strand.strength.astype(np.float32)
    covering = strand.covering
    for start in range(0, len(points), _CHUNK):
        some = slice(start, start + _CHUNK)
        reach = float(np.sqrt(square[some].max())) + 1
        x1, y1 = np.floor(points[some].min(0) - reach).astype(int)
        x2, y2 = np.ceil(points[some].max(0) + reach).astype(int) + 1
        dx = np.arange(x1, x2, dtype=np.float32) - points[some, 0, None]
        dy = np.arange(y1, y2, dtype=np.float32) - points[some, 1, None]
        chord = square[some, None, None] - (dx * dx)[:, None, :] - (dy * dy)[:, :, None]
        window = np.s_[y1:y2, x1:x2]
        count = covering - start
        if count > 0:
            covered[window] |= (chord[:count] >= 0).any(0)
        depth = 2 * np.sqrt(np.maximum(chord, 0)) * strength[some, None, None]
        np.maximum(blood[window], depth.max(0), out=blood[window])
    return blood, covered
