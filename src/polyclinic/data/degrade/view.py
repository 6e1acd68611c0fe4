"""Training views that are badly taken: settings, samples that may be degraded, one view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from polyclinic.config import Config
from polyclinic.data.degrade.effects import Unit, add_noise, disk_blur, gaussian_blur, on_unit_scale
from polyclinic.sample import Pixels, Sample

Share = Annotated[float, Field(ge=0, le=1)]


class DegradeConfig(Config):
    """Blur and noise of training views, with the sharp view kept beside them.

    y = clip(k * x + n, 0, 1), n ~ N(0, noise_gain (k * x) + noise_floor^2). How blurred a view is
    becomes its label: sigma over the largest sigma.
    """

    blur: float = Field(
        0.0,
        ge=0,
        le=0.25,
        description="largest sigma, share of the longer side of the view; 0 switches it all off",
    )
    kernel: Literal["gaussian", "disk", "both"] = Field(
        "gaussian", description="k: disk is a lens out of focus; both: drawn for each view"
    )
    noise_gain: Share = 0.0
    noise_floor: Share = 0.02
    share: Share = Field(0.8, description="of the views that may be degraded, how many are")
    label: str = Field("quality", min_length=1, description="0 sharp ... 1 worst")

    @property
    def on(self) -> bool:
        """Whether any view is degraded."""
        return self.blur > 0

    def without_effect(self) -> Mapping[str, str]:
        """All of it where nobody has switched it on, nor off."""
        if self.on or "blur" in self.model_fields_set:
            return {}
        others = [name for name in type(self).model_fields if name != "blur"]
        return dict.fromkeys(others, "views are not degraded while blur is 0")


def degrade_sample(sample: Sample, config: DegradeConfig, rng: np.random.Generator) -> Sample:
    """Degrade a share of the samples, with the sample before as the sharp partner.

    A sample with a stored sharp partner, or with an annotated quality other than 0, stays as it
    is: how poor it would be afterwards, nobody could say. Of the others, those that are left
    alone are their own sharp partners, with level 0.

    Args:
        sample: a loaded view.
        config: settings; nothing is done where they are off.
        rng: decides whether and how much.
    """
    if not config.on or not _may_be_degraded(sample, config.label):
        return sample
    image, level = sample.pixels, 0.0
    if rng.random() < config.share:
        image, level = degrade_view(image, config, rng)
    labels = {**sample.labels, config.label: level}
    return replace(sample, image=image, sharp=sample.pixels, labels=labels)


def _may_be_degraded(sample: Sample, label: str) -> bool:
    partnered = sample.sharp is not None or sample.sharp_file is not None
    return not partnered and sample.labels.get(label) in (None, 0)


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
