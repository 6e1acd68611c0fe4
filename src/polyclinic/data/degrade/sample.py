"""Samples that may be degraded, and those that may not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from polyclinic.data.degrade.config import DegradeConfig
from polyclinic.data.degrade.view import degrade_view
from polyclinic.sample import Sample


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
