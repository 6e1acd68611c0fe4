"""What an image is worth: annotated, or measured against its sharp partner."""

from __future__ import annotations

import math
from numbers import Real

import numpy as np

from polyclinic.errors import DataError
from polyclinic.metrics.restoration import ssim
from polyclinic.sample import Sample

UNKNOWN = math.nan


def annotated_badness(sample: Sample, label: str, best: float, worst: float) -> float:
    """0 for the best image, 1 for the worst; NaN where nothing was annotated.

    Args:
        sample: with or without the label.
        label: its name.
        best: end of the annotator's scale, above or below the other.
        worst: its other end.

    Raises:
        DataError: the label is no number, or lies outside the scale.
    """
    value = sample.labels.get(label)
    if value is None:
        return UNKNOWN
    low, high = sorted((best, worst))
    number = float(value) if isinstance(value, Real) and not isinstance(value, bool) else UNKNOWN
    if not low <= number <= high:
        raise DataError(
            f"label {label!r} is {value!r}",
            expected=f"a number from {low:g} to {high:g}",
            where=sample.file or f"image {sample.image_id}",
            hint="set quality.best and quality.worst to the ends of the scale",
        )
    return (number - best) / (worst - best)


def full_reference_badness(sample: Sample) -> float:
    """1 - SSIM of the image and its sharp partner, 0 ... 1; NaN without a partner.

    The picture must be 11 pixels wide and high; a smaller one is not judged.
    """
    if sample.sharp is None:
        return UNKNOWN
    return float(np.clip(1 - ssim(sample.pixels, sample.sharp, data_range=255), 0, 1))
