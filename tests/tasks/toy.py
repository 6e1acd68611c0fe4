"""A task from outside the package: one probability an image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import nn

from polyclinic.data.facts import Facts
from polyclinic.decoding import Decoder, Found, ReadingBuilder
from polyclinic.sample import Sample
from polyclinic.tasks import FeatureShape, Loss, Prediction, Scene, Target, Task, TaskConfig
from polyclinic.tasks.scale import SHARES


class ShareDecoder(Decoder):
    name: str

    def decode(self, found: Found, draft: ReadingBuilder) -> None:
        share = found["share"].item()
        draft.findings[self.name] = {"yes": share, "no": 1 - share}


class CrowdedConfig(TaskConfig):
    """Whether an image holds more than two loops."""

    def left_out(self, facts: Facts) -> str | None:
        return None if facts.annotates("crowded") else "no image is labelled"

    def build(self, facts: Facts, features: FeatureShape) -> Crowded:
        return Crowded(features.map_channels[-1])


class Crowded(Task):
    name = "crowded"
    loss_names = ("crowded",)
    scales: ClassVar = {"share": SHARES}

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.head = nn.Linear(channels, 1)

    def encode(self, sample: Sample) -> Target:
        return {
            "value": torch.tensor(float(sample.labels.get("crowded", 0))),
            "has": torch.tensor("crowded" in sample.labels),
        }

    def losses(self, scene: Scene, targets: Sequence[Target]) -> dict[str, Loss]:
        has = torch.stack([target["has"] for target in targets])
        if not has.any():
            return {}
        value = torch.stack([target["value"] for target in targets])[has]
        logits = self.head(scene.vector)[has, 0]
        total = F.binary_cross_entropy_with_logits(logits, value, reduction="sum")
        return {"crowded": Loss(total, has.sum().float())}

    def predict(self, scene: Scene) -> list[Prediction]:
        return [{"share": one} for one in self.head(scene.vector).sigmoid()[:, 0]]

    @property
    def decoder(self) -> ShareDecoder:
        return ShareDecoder(name=self.name)
