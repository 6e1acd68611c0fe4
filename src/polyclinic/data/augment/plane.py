"""A random view as one homography."""

from __future__ import annotations

import numpy as np

from polyclinic.data.augment.config import AugmentConfig
from polyclinic.data.augment.frame import FrameConfig
from polyclinic.geometry import Homography, Size


def random_view(
    size: Size, frame: FrameConfig, augment: AugmentConfig, rng: np.random.Generator
) -> tuple[Homography, Size]:
    """Draw flips, turn, scale and crop.

    The image is scaled to `frame` times a random factor, turned about its centre, and cut to a
    square of at most `frame.longest` at a random place; what is smaller stays smaller (large
    scale jitter with a fixed crop and no padding, Ghiasi et al., CVPR 2021, as detectron2 does).

    Returns:
        The map from image to view, and the view's (height, width).
    """
    fitted = frame.fit(size)
    view = Homography.resize(size, fitted)
    if rng.random() < augment.mirror:
        view = Homography.mirror(fitted[1]) @ view
    if rng.random() < augment.upend:
        view = Homography.upend(fitted[0]) @ view
    factor = float(rng.uniform(*augment.scale))
    scaled: Size = (max(1, round(fitted[0] * factor)), max(1, round(fitted[1] * factor)))
    view = Homography.resize(fitted, scaled) @ view
    view = (
        Homography.about(
            ((scaled[1] - 1) / 2, (scaled[0] - 1) / 2),
            degrees=float(rng.uniform(-augment.degrees, augment.degrees)),
            shear=float(rng.uniform(-augment.shear, augment.shear)),
        )
        @ view
    )
    cut: Size = (min(scaled[0], frame.longest), min(scaled[1], frame.longest))
    left = int(rng.integers(scaled[1] - cut[1] + 1))
    top = int(rng.integers(scaled[0] - cut[0] + 1))
    return Homography.translation(-left, -top) @ view, cut
