"""Smooth random fields for skin, bone, light and clouds of blood."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def cloud(
    size: tuple[int, ...], scale: tuple[float, float], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Smooth noise of about unit variance.

    Args:
        size: (height, width) in px.
        scale: height and width in px of its structures.
        rng: source of chance.
    """
    steps = [max(one, 1.0) for one in scale]
    knots = tuple(int(np.ceil(side / step)) + 3 for side, step in zip(size, steps, strict=True))
    values = rng.standard_normal(knots, np.float32)
    full = tuple(int(np.ceil(k * step)) for k, step in zip(knots, steps, strict=True))
    smooth = cv2.resize(values, full[::-1], interpolation=cv2.INTER_CUBIC)
    top, left = (rng.integers(0, f - s + 1) for f, s in zip(full, size, strict=True))
    return np.asarray(smooth[top : top + size[0], left : left + size[1]], np.float32)
