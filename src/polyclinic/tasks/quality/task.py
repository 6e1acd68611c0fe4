"""A number for how poor an image is, annotated or measured against its sharp partner."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Literal, Self

import numpy as np
import torch
import torch.nn.functional as F
from pydantic import Field, PositiveFloat, PositiveInt, model_validator
from torch import nn

from polyclinic.data import Facts
from polyclinic.decoding import QualityDecoder
from polyclinic.errors import ConfigError, DataError
from polyclinic.losses.correlation import standardised_loss
from polyclinic.metrics.restoration import ssim
from polyclinic.sample import Sample
from polyclinic.tasks.edge import TaskOutput, What, Width
from polyclinic.tasks.scale import SHARES, Scale
from polyclinic.tasks.scene import Loss, Scene
from polyclinic.tasks.task import FeatureShape, Prediction, Target, Task, TaskConfig

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


EVEN_SPREAD = 12**-0.5
"""Standard deviation of badness that is spread evenly from 0 to 1."""


class QualityConfig(TaskConfig):
    """Settings of image quality.

    Inside, quality is badness: 0 for the best image, 1 for the worst. Readings state it on the
    annotator's scale from `best` to `worst`.
    """

    label: str = Field("quality", min_length=1, description="name of the annotated number")
    target: Literal["annotated", "full_reference"] = Field(
        "annotated", description="the label (a level of blur, a score), or 1 - SSIM of the partner"
    )
    best: float = Field(0.0, description="the label of a perfect image")
    worst: float = Field(1.0, description="the label of the worst image")
    maps: tuple[int, ...] = Field(
        (1, 3), min_length=1, description="encoder maps whose means are looked at, finest is 0"
    )
    hidden: PositiveInt = 64
    smooth: PositiveFloat = Field(0.1, description="badness below which errors count squared")
    correlation: float = Field(
        0.5, ge=0, description="weight of the standardised error: of order and spacing"
    )
    weight: float = Field(1.0, ge=0, description="of the loss as a whole")
    retake: float | None = Field(
        0.6, ge=0, le=1, description="badness from which a reading says: take it again"
    )

    @model_validator(mode="after")
    def _has_a_scale(self) -> Self:
        if self.best == self.worst:
            raise ValueError("best and worst must differ")
        return self

    @property
    def writes(self) -> tuple[str, ...]:
        """The quality of that name."""
        return (f"the quality {self.label!r}",)

    def left_out(self, facts: Facts) -> str | None:
        """Needs the label, or sharp partners to compare with."""
        if self.target == "full_reference":
            return None if facts.annotates("sharp") else "no image has a sharp partner"
        return None if facts.annotates(self.label) else f"no image has the label {self.label!r}"

    def build(self, facts: Facts, features: FeatureShape) -> Quality:
        """Make the task.

        Raises:
            ConfigError: there is no such map.
        """
        channels = features.map_channels
        for place in self.maps:
            if not 0 <= place < len(channels):
                raise ConfigError(
                    f"map {place}", expected=f"0 ... {len(channels) - 1}", where="quality.maps"
                )
        return Quality(self, sum(channels[place] for place in self.maps) + features.fed)


class Quality(Task):
    """How poor an image is.

    Args:
        config: settings.
        channels: of the maps that are looked at and of what edges bring, together.
    """

    name = "quality"
    loss_names = ("quality",)
    receives = True
    scales: Mapping[str, Scale] = {"badness": SHARES}

    def __init__(self, config: QualityConfig, channels: int) -> None:
        super().__init__()
        self.config = config
        self.offers: Mapping[What, Width] = {"features": config.hidden, "prediction": 1}
        self.hidden = nn.Sequential(nn.Linear(channels, config.hidden), nn.ReLU())
        self.head = nn.Linear(config.hidden, 1)

    def encode(self, sample: Sample) -> Target:
        """Badness (), NaN where it is not known.

        Raises:
            DataError: the label is no number of the scale.
        """
        one = self.config
        if one.target == "full_reference":
            badness = full_reference_badness(sample)
        else:
            badness = annotated_badness(sample, one.label, one.best, one.worst)
        return {"badness": torch.tensor(badness)}

    def look(self, scene: Scene) -> TaskOutput:
        """Features (B, hidden) and badness (B, 1)."""
        seen = [scene.mean_of(scene.maps[place]) for place in self.config.maps]
        fed = scene.fed_vector(self.name)
        features = self.hidden(torch.cat(seen if fed is None else [*seen, fed], 1)).float()
        return TaskOutput(features, self.head(features).float().sigmoid())

    def losses(self, scene: Scene, targets: Sequence[Target]) -> dict[str, Loss]:
        """Smooth absolute error, and the standardised error, of each image whose badness is known.

        Fu et al. do not state theirs; this sum is this project's choice.
        """
        found = scene.outlook(self).prediction[:, 0]
        true = torch.stack([target["badness"] for target in targets]).to(found)
        known = true.isfinite()
        if not known.any():
            return {}
        count = known.sum().float()
        error = F.smooth_l1_loss(
            found[known], true[known], beta=self.config.smooth, reduction="sum"
        )
        order = standardised_loss(found[known], true[known], spread=EVEN_SPREAD).sum()
        total = error + self.config.correlation * order
        return {"quality": Loss(self.config.weight * total, count)}

    def predict(self, scene: Scene) -> list[Prediction]:
        """Badness () of each image."""
        return [{"badness": one} for one in scene.outlook(self).prediction[:, 0]]

    @property
    def decoder(self) -> QualityDecoder:
        """The quality on the annotator's scale."""
        one = self.config
        return QualityDecoder(label=one.label, best=one.best, worst=one.worst, retake=one.retake)
