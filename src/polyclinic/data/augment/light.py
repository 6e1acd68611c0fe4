"""Random light, colour, focus and noise, and black squares."""

from __future__ import annotations

from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.data.augment.config import AugmentConfig
from polyclinic.data.lookups import LOOKS_UP_16_BITS

# Bytes from which the larger table of pairs is worth making.
_MANY = 2**19


def look_up(image: NDArray[np.uint8], table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Replace each level of an (H, W, C) image by `table[level]`.

    Args:
        image: grey levels; not written to.
        table: (256, C), or (256, 1) for all channels. One for all channels is looked up in half
            the time, and for two bytes at once in a quarter.
    """
    pairs = table.shape[1] == 1 and image.size >= _MANY and not image.size % 2
    if pairs and image.flags.c_contiguous and LOOKS_UP_16_BITS:
        both = np.empty((256, 256, 2), np.uint8)
        both[..., 0], both[..., 1] = table[:, 0], table
        found = cv2.LUT(image.reshape(1, -1).view(np.uint16), both.view(np.uint16).reshape(1, -1))
        return cast(NDArray[np.uint8], found.view(np.uint8).reshape(image.shape))
    return cast(NDArray[np.uint8], cv2.LUT(image, table[None]).reshape(image.shape))


def cut_out(image: NDArray[np.uint8], share: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Blacken one square in half of the views (CutOut, DeVries and Taylor, arXiv 1708.04552).

    The square lies inside the image, as in KNEEL; in the paper its centre does, and the square may
    be cut off at the border. Annotations under it stay: they are to be inferred from the rest.

    Args:
        image: (H, W, C); it is not written to.
        share: side of the square, as a share of the shorter side of the image, rounded down.
        rng: decides whether and where.
    """
    side = int(share * min(image.shape[:2]))
    if rng.random() >= 0.5 or not side:
        return image
    top, left = (int(rng.integers(length - side + 1)) for length in image.shape[:2])
    cut = image.copy()
    cut[top : top + side, left : left + side] = 0
    return cut


def change_light(
    image: NDArray[np.uint8], augment: AugmentConfig, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Change brightness, contrast, gamma, colour, focus and noise of an (H, W, 3) image.

    Each draw is made whether it is used or not, so that switching one off leaves the others
    as they were.

    Grey levels v between 0 and 1 become v^e, with log2(e) drawn from +-`gamma`: darker and
    brighter alike. KNEEL draws 1 / e from 0.5 to 1.5, so that e lies between 0.67 and 2.
    """
    (later,) = rng.spawn(1)
    brightness, contrast, gamma, saturation = rng.uniform(-1, 1, 4)
    tint = rng.uniform(-1, 1, 3)
    blur, noise = rng.uniform(0, 1, 2)
    grey_levels = np.arange(256) / 255
    gamma = gamma * augment.gamma if later.random() < augment.gamma_often else 0.0
    curve = grey_levels**2.0**gamma
    curve = (curve - 0.5) * (1 + contrast * augment.contrast) + 0.5
    gain = (1 + brightness * augment.brightness) * (1 + tint * augment.tint)
    table = np.clip(curve[:, None] * gain * 255, 0, 255).round().astype(np.uint8)
    changed: NDArray[Any] = look_up(image, table if augment.tint else table[:, :1])
    if augment.saturation:
        grey = cv2.cvtColor(cv2.cvtColor(changed, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        share = 1 + saturation * augment.saturation
        changed = cv2.addWeighted(changed, share, grey, 1 - share, 0)
    if blur * augment.blur > 0.3:
        changed = cv2.GaussianBlur(changed, (0, 0), blur * augment.blur)
    if augment.noise:
        grain = rng.standard_normal(image.shape, np.float32) * np.float32(noise * augment.noise)
        changed = np.clip(changed + grain, 0, 255).round()
    return np.asarray(changed, np.uint8)
