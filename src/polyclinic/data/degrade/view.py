"""One view, badly taken."""

from __future__ import annotations

import numpy as np

from polyclinic.data.degrade.blur import disk_blur, gaussian_blur
from polyclinic.data.degrade.config import DegradeConfig
from polyclinic.data.degrade.noise import add_noise
from polyclinic.data.degrade.scale import Unit, on_unit_scale
from polyclinic.sample import Pixels


def degrade_view(
    image: Pixels, config: DegradeConfig, rng: np.random.Generator
) -> tuple[Pixels, float]:
    """Blur a view by a random amount and add noise.

    Args:
        image: (H, W) or (H, W, C), 8 or 16 bit; not written to.
        config: settings; `share` is not looked at.
        rng: decides how much, which kernel where both are wanted, and the noise.

    Returns:
        The degraded view and its level: sigma over the largest sigma, uniform in (0, 1]. The
        disk has the radius 2 sigma.
    """
    level, coin = 1.0 - rng.random(), rng.random()
    sigma = level * config.blur * max(image.shape[:2])
    disk = config.kernel == "disk" or (config.kernel == "both" and coin < 0.5)

    def change(sharp: Unit) -> Unit:
        blurred = disk_blur(sharp, 2 * sigma) if disk else gaussian_blur(sharp, sigma)
        return add_noise(blurred, config.noise_gain, config.noise_floor, rng)

    return on_unit_scale(image, change), level
