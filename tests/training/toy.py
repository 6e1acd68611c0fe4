"""A toy network with two losses, on images that are made from their row number."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from rich.console import Console
from torch import Tensor, nn

from polyclinic.decoding import Decoder
from polyclinic.sample import Sample
from polyclinic.tasks import (
    Encoded,
    Loss,
    Network,
    Prediction,
    Scene,
    Target,
    Task,
)
from polyclinic.training import (
    BalanceConfig,
    RunDirectory,
    Supervised,
    TrainConfig,
    TrainResult,
    train,
)

SIDE = 16
LONG: dict[str, Any] = {"steps": 40, "checkpoint_every": 6, "ema": 0.9, "log_every": 4}
WITHOUT_BATCH_NORM: dict[str, Any] = {"group_norm": True, "dropout": 0.0}


class Brightness(Task):
    """Tells the brightness of an image, and on some images whether its left side is brighter."""

    name = "brightness"
    loss_names = ("level", "side")

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.level = nn.Linear(channels, 1)
        self.side = nn.Linear(channels, 1)

    def encode(self, sample: Sample) -> Target:
        raise NotImplementedError

    def losses(self, scene: Scene, targets: Sequence[Target]) -> dict[str, Loss]:
        level = torch.stack([t["level"] for t in targets])
        losses = {
            "level": Loss(
                ((self.level(scene.vector)[:, 0] - level) ** 2).sum(), torch.tensor(len(targets))
            )
        }
        known = torch.stack([t["known"] for t in targets])
        if known.any():
            side = torch.stack([t["side"] for t in targets])[known]
            logits = self.side(scene.vector[known])[:, 0]
            total = F.binary_cross_entropy_with_logits(logits, side, reduction="sum")
            losses["side"] = Loss(total, known.sum())
        return losses

    def predict(self, scene: Scene) -> list[Prediction]:
        return [{"level": row} for row in self.level(scene.vector)]

    @property
    def decoder(self) -> Decoder:
        raise NotImplementedError


class Maps(nn.Module):
    """A few convolutions."""

    def __init__(self, norm: nn.Module, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, padding=1), norm, nn.ReLU(), nn.Dropout(dropout)
        )

    def forward(self, images: Tensor) -> list[Tensor]:
        return [self.layers(images)]


class NoPyramid(nn.Module):
    def forward(self, maps: list[Tensor]) -> dict[str, Tensor]:
        return {}


def toy_network(*, group_norm: bool = False, dropout: float = 0.2) -> Network:
    torch.manual_seed(0)
    norm = nn.GroupNorm(2, 8) if group_norm else nn.BatchNorm2d(8)
    return Network(Maps(norm, dropout), NoPyramid(), [Brightness(8)])


def load_toy(index: int, key: int) -> Encoded:
    """Row `index` with noise from `key`; every third row says which side is brighter."""
    rng = np.random.default_rng(index)
    level, side = rng.uniform(0.2, 0.8), rng.integers(2)
    image = np.full((3, SIDE, SIDE), 255 * level)
    image[:, :, : SIDE // 2] *= 1.2 if side else 0.8
    image += np.random.default_rng(key).normal(0, 5, image.shape)
    targets = {
        "level": torch.tensor(level, dtype=torch.float32),
        "side": torch.tensor(float(side)),
        "known": torch.tensor(index % 3 == 0),
    }
    pixels = torch.from_numpy(image.clip(0, 255).astype(np.uint8))
    return Encoded(pixels, {"brightness": targets}, key, f"toy-{index}.png")


def train_toy(folder: Path, *, resume: bool = False, **changes: Any) -> TrainResult:
    """Train the toy with the changed settings; `network`, `evaluate`, ... are taken too."""
    given = {
        "network": toy_network(),
        "evaluate": None,
        "load_encoded": load_toy,
        "balance": BalanceConfig(),
        "console": Console(quiet=True),
        "indices": range(20),
        "seed": 3,
    }
    for name in list(given):
        given[name] = changes.pop(name, given[name])
    settings: dict[str, Any] = {
        "steps": 12,
        "batch_size": 4,
        "lr": 0.01,
        "warmup_steps": 3,
        "precision": "fp32",
        "workers": 0,
        "log_every": 1,
        "checkpoint_every": 5,
    }
    config = TrainConfig.parse(settings | changes)
    network = given.pop("network")
    balance = given.pop("balance").build(network.loss_names)
    run = RunDirectory.start(folder, config, resume=resume)
    return train(
        network,
        strategy=Supervised(),
        balance=balance,
        config=config,
        run=run,
        describe={"classes": ["toy"]},
        resume=resume,
        **given,
    )
