"""One step of the training, stopped at the first value that is not finite."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import torch
from lightning_fabric import Fabric
from torch import Tensor
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from polyclinic.errors import TrainingError
from polyclinic.tasks import Batch, Network
from polyclinic.training.config import TrainConfig
from polyclinic.training.keeper import averaged
from polyclinic.training.objective import Objective, Outcome, Sealed
from polyclinic.training.optimiser import build_optimiser
from polyclinic.training.order import random_key
from polyclinic.training.state import capture, restore
from polyclinic.training.tensor_file import write_tensors

FOLDER = "nan_batch"


def check_finite(
    values: Mapping[str, float], batch: Batch, *, run: Path, step: int, rank: int
) -> None:
    """Look at a step before its update.

    Args:
        values: losses of the global batch and the norm of its gradient, so that all processes
            stop together.
        batch: this process's own part of it.
        run: folder of the run; the part goes to `nan_batch/step-<step>-rank-<rank>`.
        step: number of this step.
        rank: number of this process.

    Raises:
        TrainingError: a value is nan or infinite.
    """
    bad = {name: str(value) for name, value in values.items() if not math.isfinite(value)}
    if not bad:
        return
    file = run / FOLDER / f"step-{step:06d}-rank-{rank}.safetensors"
    file.parent.mkdir(exist_ok=True)
    tensors = {"images": batch.images} | {
        f"targets/{task}/{row}/{key}": value
        for task, targets in batch.targets.items()
        for row, target in enumerate(targets)
        for key, value in target.items()
    }
    description = {
        "step": step,
        "names": list(batch.names),
        "keys": list(batch.keys),
        "sizes": [list(size) for size in batch.sizes],
        "values": {name: str(value) for name, value in values.items()},
    }
    write_tensors(file, tensors, description)
    raise TrainingError(
        f"not finite in step {step}: {', '.join(f'{k} = {v}' for k, v in bad.items())}",
        where=", ".join(batch.names),
        hint=f"the batch is in {file}; a lower train.lr or train.precision=fp32 may help",
    )


class Stepper:
    """Losses, gradients, optimiser and averaged weights of one process.

    Weights, gradients and the state of the optimiser are float32; bfloat16, where it is asked
    for, is for what a pass through the network computes.

    Args:
        fabric: launched.
        objective: what is minimised; moved to the device and laid out in place.
        config: how to train.
        seed: of whatever the network draws.
        run: folder for a batch with a loss that is not finite.
    """

    def __init__(
        self, fabric: Fabric, objective: Objective, config: TrainConfig, *, seed: int, run: Path
    ) -> None:
        self.fabric, self.objective, self.config = fabric, objective, config
        self.seed, self.run = seed, run
        objective.to(fabric.device)
        if config.channels_last:
            objective.network.to(memory_format=torch.channels_last)
        self._optimiser = build_optimiser(objective, config)
        self._model, self._wrapped = fabric.setup(objective, self._optimiser)
        self._average = averaged(objective.network, config.ema) if config.ema else None

    @property
    def network(self) -> Network:
        """The weights to evaluate and to keep: the averaged ones where there are any."""
        if self._average is None:
            return self.objective.network
        return cast(Network, self._average.module)

    def capture(self) -> dict[str, Tensor]:
        """Everything that `restore` needs, by name."""
        return capture(self.objective, self._optimiser, self._average)

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Go back to what was captured.

        Raises:
            RunError: it is of another network.
        """
        restore(tensors, self.objective, self._optimiser, self._average)

    def __call__(self, batch: Batch, *, step: int, rate: float) -> dict[str, float]:
        """Learn from a batch.

        Args:
            batch: of this process.
            step: steps done before this one.
            rate: learning rate.

        Returns:
            What to log: losses of the global batch, raw and weighted, and the gradient's norm.

        Raises:
            TrainingError: a loss or a gradient is not finite.
        """
        rank = self.fabric.global_rank
        # Seeded anew each step, so a resumed run draws what an uninterrupted one would have drawn.
        torch.manual_seed(random_key(self.seed, step, rank, 1))
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        outcome: Outcome = self._model(Sealed(batch.to(self.fabric.device)))
        norm = torch.zeros((), device=self.fabric.device)
        if outcome.means:
            self.fabric.backward(outcome.objective)
            gradients = [p.grad for p in self.objective.parameters() if p.grad is not None]
            norm = get_total_norm(gradients, foreach=True)
        values = _logged(outcome, norm)
        check_finite(values, batch, run=self.run, step=step + 1, rank=rank)
        if outcome.means:
            if self.config.clip_norm is not None:
                clip_grads_with_norm_(self.objective.parameters(), self.config.clip_norm, norm)
            self._wrapped.step()
            self._wrapped.zero_grad()
        if self._average is not None:
            self._average.update_parameters(self.objective.network)
        return values


def _logged(outcome: Outcome, norm: Tensor) -> dict[str, float]:
    """Numbers of a step, brought from the device in one transfer."""
    named = {f"raw {name}": value for name, value in outcome.means.items()}
    named |= {f"weighted {name}": value for name, value in outcome.weighted.items()}
    named["gradient norm"] = norm
    numbers = torch.stack([value.float() for value in named.values()]).tolist()
    values = dict(zip(named, numbers, strict=True))
    return values | {"loss": sum(v for n, v in values.items() if n.startswith("weighted "))}
