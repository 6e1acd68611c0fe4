"""The arms of the study of kidneys: hierarchies, and what they are to be told apart from."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from bench.evidence.kidney_fields import BLUR, LEVELS, NOISE, SIDE, Sizes, drawn_fields, make_fields
from bench.evidence.study import Group, Outcome, Variant
from numpy.typing import NDArray
from scipy.stats import spearmanr

from polyclinic.config import merge
from polyclinic.fitting.fit import fit
from polyclinic.runs.load import load_network
from polyclinic.systems.kidney.recipe import (
    DIAGNOSIS,
    FLAT,
    RESTORE_FIRST,
    SINGLE,
    Kidney,
    KidneyConfig,
)
from polyclinic.tasks import Batch, Loss, Network, Prediction
from polyclinic.training.strategy import Strategy, Supervised

BATCH = 100

USUAL: Mapping[str, Any] = {
    "data": {
        "split": "file",
        "frame": {"longest": SIDE},
        "augment": {"mirror": 0.5, "degrees": 180.0, "brightness": 0.1},
        "degrade": {"blur": BLUR, "noise_floor": NOISE},
    },
    "train": {
        "max_minutes": None,
        "batch_size": 16,
        "lr": 2e-3,
        "weight_decay": 0.02,
        "warmup_steps": 20,
        "schedule": "cosine",
        "ema": None,
    },
}
"""The small preset of the kidney recipe on small images; last instead of averaged weights."""


class ShuffledQuality(Supervised):
    """Each image learns the quality of its neighbour in the batch."""

    def forward(self, network: Network, batch: Batch) -> dict[str, Loss]:
        """The other tasks learn from their own annotations."""
        own = batch.targets["quality"]
        return network(replace(batch, targets={**batch.targets, "quality": [*own[1:], own[0]]}))


class ShuffledKidney(Kidney):
    """The recipe with the qualities of other images."""

    def strategy(self, config: KidneyConfig) -> Strategy:
        """Quality is shuffled."""
        return ShuffledQuality()


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One training, read at every level of blur.

    Args:
        name, meaning: see `Variant`.
        sizes: patients.
        steps: of the training.
        changes: of the usual settings.
        recipe: by name or by reference.
    """

    name: str
    meaning: str
    sizes: Sizes
    steps: int
    changes: Mapping[str, Any] = field(default_factory=dict)
    recipe: str = "kidney"
    cost: float = 1.0
    needs: Sequence[Variant] = ()

    def settings(self, seed: int) -> Mapping[str, Any]:
        """What is learnt from, and with which settings."""
        return {
            "data": self.sizes.folder,
            "recipe": self.recipe,
            "overrides": self._overrides(seed),
        }

    def carry_out(self, home: Path, seed: int) -> Outcome:
        """Train, read the test fields. What a killed run left is thrown away."""
        run = home / "trainings" / f"{self.name}-seed{seed}"
        shutil.rmtree(run, ignore_errors=True)
        folder = make_fields(home, self.sizes)
        fitted = fit(self.recipe, folder / "table.csv", run, self._overrides(seed))
        (run / "state.safetensors").unlink(missing_ok=True)
        network = load_network(run).network
        tested = drawn_fields(folder)
        sharp = tested.images / 255
        right, qualities, extra = [], [], {}
        for level in range(LEVELS):
            images = tested.at(level)
            seen = read_fields(network, images)
            right.append(
                [one == true for one, true in zip(seen.labels, tested.labels, strict=True)]
            )
            qualities.append(seen.quality)
            if seen.restored is not None:
                extra[f"psnr_{level}"] = _psnr(seen.restored, sharp)
                extra[f"input_psnr_{level}"] = _psnr(images / 255, sharp)
        if len(qualities[0]):
            levels = np.repeat(np.arange(LEVELS), len(sharp))
            extra["quality_srcc"] = float(spearmanr(np.concatenate(qualities), levels).statistic)
        return Outcome(
            values=np.array(right, float).T,
            patients=tested.patients,
            extra=extra,
            parameters=sum(one.numel() for one in network.parameters()),
            steps=fitted.result.steps,
            seconds=fitted.result.seconds,
        )

    def _overrides(self, seed: int) -> dict[str, Any]:
        steps = {"train": {"steps": self.steps, "checkpoint_every": self.steps}}
        return merge(merge(merge(USUAL, steps), self.changes), {"seed": seed})


@dataclass(frozen=True, eq=False, kw_only=True)
class Seen:
    """What a network says of K fields.

    Args:
        labels: the likeliest diagnosis.
        quality: (K,) badness; empty without the task.
        restored: (K, SIDE, SIDE) 0 to 1; None without the task.
    """

    labels: list[str]
    quality: NDArray[np.float64]
    restored: NDArray[np.float64] | None


def read_fields(network: Network, images: NDArray[np.uint8]) -> Seen:
    """Read (K, SIDE, SIDE) fields, straight from the network: readings of files take longer."""
    found: list[dict[str, Prediction]] = []
    for first in range(0, len(images), BATCH):
        part = images[first : first + BATCH]
        tensor = torch.from_numpy(part)[:, None].expand(-1, 3, -1, -1).contiguous()
        sizes = ((SIDE, SIDE),) * len(part)
        rows = tuple(range(len(part)))
        found += network.predict(Batch(tensor, sizes, {}, rows, tuple(map(str, rows))))
    values = network.tasks[DIAGNOSIS].values
    changes = [one["restore"]["change"].mean(0).numpy() for one in found if "restore" in one]
    return Seen(
        labels=[values[int(one[DIAGNOSIS]["logits"].argmax())] for one in found],
        quality=np.array([float(one["quality"]["badness"]) for one in found if "quality" in one]),
        restored=np.clip(images / 255 + np.array(changes), 0, 1) if changes else None,
    )


def _psnr(images: NDArray[np.float64], sharp: NDArray[np.float64]) -> float:
    """Mean over the fields, in dB; a field that equals its partner has none."""
    errors = ((images - sharp) ** 2).mean((1, 2))
    return float(np.mean(-10 * np.log10(np.maximum(errors, 1e-6))))


def arms(sizes: Sizes, steps: int) -> Group:
    """All of them, each held against what it has to beat."""

    def arm(name: str, meaning: str, changes: Mapping[str, Any], recipe: str = "kidney") -> Arm:
        return Arm(
            name=name, meaning=meaning, sizes=sizes, steps=steps, changes=changes, recipe=recipe
        )

    twice = {"hierarchy": {"edges": [{"source": "image", "target": DIAGNOSIS}]}}
    sharp = arm(
        "sharp_only",
        "diagnosis alone, no blur in training",
        {**SINGLE, "data": {"degrade": {"blur": 0.0}}},
    )
    single = arm("single", "diagnosis alone, blur in training", SINGLE)
    capacity = arm("capacity", "the same with two encoders", merge(SINGLE, twice))
    flat = arm("flat", "three tasks on one encoder", FLAT)
    ours = arm("hierarchy", "quality, then de-blurring, then diagnosis", {})
    other = arm("restore_first", "de-blurring, then quality, then diagnosis", RESTORE_FIRST)
    no_gate = arm("no_gate", "as `hierarchy`, quality opens no gate", {"restore": {"gate": None}})
    shuffled = arm(
        "shuffled",
        "as `hierarchy`, each image learns the quality of another",
        {},
        f"{__name__}:{ShuffledKidney.__name__}",
    )
    return Group(
        name="hierarchy",
        question="Do quality and de-blurring help the diagnosis of blurred images?",
        variants=(sharp, single, capacity, flat, ours, other, no_gate, shuffled),
        pairs=(
            (single, sharp),
            (capacity, single),
            (flat, single),
            (ours, single),
            (ours, capacity),
            (ours, flat),
            (ours, other),
            (ours, no_gate),
            (ours, shuffled),
        ),
    )
