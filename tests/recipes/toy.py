"""A task and a recipe that polyclinic does not know, as another package would bring them.

The task reads how bright an image is; the recipe has no other.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

from polyclinic.data import Facts
from polyclinic.decoding import Decoder, Found, ReadingBuilder
from polyclinic.metrics.pooled import mean_figure
from polyclinic.recipes.recipe import Recipe
from polyclinic.recipes.settings import RecipeConfig
from polyclinic.sample import Sample
from polyclinic.tasks import (
    Case,
    FeatureShape,
    Figure,
    Loss,
    Prediction,
    Scene,
    Target,
    Task,
    TaskConfig,
)


class BrightnessDecoder(Decoder):
    def decode(self, found: Found, draft: ReadingBuilder) -> None:
        draft.quality["brightness"] = found["mean"].item()


class BrightnessConfig(TaskConfig):
    hidden: int = 8

    def left_out(self, facts: Facts) -> str | None:
        return None

    def build(self, facts: Facts, features: FeatureShape) -> Brightness:
        return Brightness(self, features.map_channels[-1])


class Brightness(Task):
    name = "brightness"
    loss_names = ("brightness",)

    def __init__(self, config: BrightnessConfig, channels: int) -> None:
        super().__init__()
        self.head = nn.Sequential(
            nn.Linear(channels, config.hidden), nn.ReLU(), nn.Linear(config.hidden, 1)
        )

    def encode(self, sample: Sample) -> Target:
        return {"mean": torch.tensor([float(sample.pixels.mean()) / 255])}

    def losses(self, scene: Scene, targets: Sequence[Target]) -> dict[str, Loss]:
        wanted = torch.stack([target["mean"] for target in targets])
        found = self.head(scene.vector).float()
        count = torch.tensor(float(len(targets)))
        return {"brightness": Loss(F.l1_loss(found, wanted, reduction="sum"), count)}

    def predict(self, scene: Scene) -> list[Prediction]:
        return [{"mean": row} for row in self.head(scene.vector).float()]

    @property
    def decoder(self) -> BrightnessDecoder:
        return BrightnessDecoder()

    def figures(self, cases: Sequence[Case], accept: float) -> list[Figure]:
        values = [reading.quality["brightness"] for _, reading in cases]
        return [mean_figure("brightness_mean", values, range(len(cases)), len(cases))]


class ToyConfig(RecipeConfig):
    brightness: BrightnessConfig = BrightnessConfig()


class Toy(Recipe[ToyConfig]):
    name = "toy"
    summary = "how bright an image is"
    source = "none"
    settings = ToyConfig
    presets = {  # noqa: RUF012
        "small": {
            "data": {"frame": {"longest": 64}},
            "model": {"encoder": "test_resnet", "norm": "group", "pyramid_channels": 16},
            "train": {"steps": 3, "batch_size": 2, "warmup_steps": 1, "workers": 0},
        }
    }
    monitor = "brightness_mean"

    def tasks(self, config: ToyConfig) -> Sequence[TaskConfig]:
        return (config.brightness,)
