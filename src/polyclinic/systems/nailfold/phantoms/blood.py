"""How blood and its breakdown products darken the skin above them.

Light is lost by Beer and Lambert's law in proportion to the length of its path through blood.
A part of the light, the veil, is scattered back by the tissue in front of the vessel and never
meets it: even a giant capillary is dark red, not black.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
