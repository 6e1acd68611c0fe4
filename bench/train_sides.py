"""The two training loops that `train_speed.py` holds against each other.

Both see the same images in the same views and order, start from the same weights, and weigh and
decay alike, so that what is compared is the step and the pipeline before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch

from polyclinic.data import Cohort, open_cohort
from polyclinic.fitting.fit_network import Preparation
from polyclinic.models.region_pool import RegionPool
from polyclinic.recipes.assemble import assemble
from polyclinic.systems.nailfold.phantoms import make_cohort
from polyclinic.systems.nailfold.recipe import Nailfold
from polyclinic.tasks import Batch
from polyclinic.training import Supervised, TrainConfig
from polyclinic.training.config import Precision, resolved
from polyclinic.training.devices import build_fabric
from polyclinic.training.loader import batches
from polyclinic.training.objective import Objective, Sealed
from polyclinic.training.optimiser import build_optimiser
from polyclinic.training.order import Order
from polyclinic.training.stepper import Stepper

PATIENTS, IMAGES = 8, 4


class Step(Protocol):
    """Learns from a batch and says what its losses were."""

    def __call__(self, batch: Batch, *, step: int, rate: float) -> dict[str, float]:
        """Learn."""


class PlainStep:
    """What a PyTorch loop does that nobody has tuned: float32, stock AdamW, stock clipping."""

    def __init__(self, objective: Objective, config: TrainConfig) -> None:
        crop_as_torchvision(objective)
        self.objective, self.clip = objective, config.clip_norm
        # The same groups, so that the same weights decay; AdamW itself as it comes.
        groups = build_optimiser(objective, config).param_groups
        self.optimiser = torch.optim.AdamW(
            [{k: group[k] for k in ("params", "weight_decay")} for group in groups],
            betas=config.betas,
        )

    def __call__(self, batch: Batch, *, step: int, rate: float) -> dict[str, float]:
        """Learn."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.zero_grad()
        outcome = self.objective(Sealed(batch))
        outcome.objective.backward()
        if self.clip is not None:
            torch.nn.utils.clip_grad_norm_(self.objective.parameters(), self.clip, foreach=False)
        self.optimiser.step()
        return {f"raw {name}": mean.item() for name, mean in outcome.means.items()}


@dataclass(frozen=True)
class Side:
    """A way to train.

    Args:
        name: in the result.
        precision: of our step; None is the plain loop.
        workers: processes that prepare batches ahead.
        our_crops: whether regions are cropped by our sums of cells or by torchvision.
        channels_last: memory layout.
    """

    name: str
    precision: Precision | None = None
    workers: int = 0
    our_crops: bool = False
    channels_last: bool = False


PLAIN = Side("plain")
OURS = Side("ours", "auto", 1, our_crops=True, channels_last=True)
IN_FP32 = Side("all but bfloat16", "fp32", 1, our_crops=True, channels_last=True)
ON_THE_WAY = (
    Side("fused AdamW", "fp32"),
    Side("and a loader process", "fp32", 1),
    Side("and crops by sums of cells", "fp32", 1, our_crops=True),
    IN_FP32,
)


class Bench:
    """Phantom images, and the sides of one preset.

    Args:
        preset: of the recipe `nailfold`.
        folder: for the images.
        changes: settings over those of the preset.
    """

    def __init__(self, preset: str, folder: Path, changes: dict[str, Any]) -> None:
        self.recipe, self.folder = Nailfold(), folder
        self.config = self.recipe.resolve({"preset": preset, **changes})
        self.cohort = cohort_in(folder)
        self.facts = self.cohort.training_facts(range(len(self.cohort.samples)))
        network = assemble(self.recipe, self.config, self.facts).network
        self.loss_names, tasks = network.loss_names, network.task_list
        self.prepared = Preparation(self.cohort, self.config, tasks)

    @property
    def batch_size(self) -> int:
        """Images a step."""
        return self.config.train.batch_size

    def objective(self, seed: int) -> Objective:
        """Network and balance with the weights of a seed."""
        torch.manual_seed(seed)
        network = assemble(self.recipe, self.config, self.facts).network
        return Objective(network, Supervised(), self.config.balance.build(network.loss_names))

    def step(self, side: Side, seed: int) -> Step:
        """A side, ready to learn."""
        objective = self.objective(seed).train()
        if side.precision is None:
            return PlainStep(objective, self.config.train)
        config = self.config.train.model_copy(update={"channels_last": side.channels_last})
        fabric = build_fabric(config, resolved(side.precision, "cpu"))
        fabric.launch()
        if not side.our_crops:
            crop_as_torchvision(objective)
        return Stepper(fabric, objective, config, seed=seed, run=self.folder)

    @contextmanager
    def batches(self, side: Side, seed: int, first: int, last: int) -> Iterator[Iterator[Batch]]:
        """The batches of steps `first` to `last` - 1."""
        rows = range(len(self.cohort.samples))
        stream = batches(
            self.prepared,
            Order(rows, self.batch_size, seed),
            first=first,
            last=last,
            workers=side.workers,
            name_of=str,
        )
        with closing(stream):
            yield stream


def crop_as_torchvision(objective: Objective) -> None:
    """Crop in training as in reading."""
    for module in objective.modules():
        if isinstance(module, RegionPool):
            module.eval()


def cohort_in(folder: Path) -> Cohort:
    """Phantoms, drawn where there are none yet."""
    images = folder / "phantoms"
    if not images.exists():
        make_cohort(images, patients=PATIENTS, images_per_patient=IMAGES, seed=0)
    return open_cohort(images)
