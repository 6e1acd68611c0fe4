"""Random light, colour, focus and noise."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.data.augment.config import AugmentConfig
from polyclinic.data.augment.lookup import look_up


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
