"""The training loop."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import cast

import torch
from lightning_fabric import Fabric
from torch import Tensor
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from polyclinic.tasks import Batch, Network
from polyclinic.training.clock import Clock
from polyclinic.training.config import TrainConfig
from polyclinic.training.ema import averaged
from polyclinic.training.guard import check_finite
from polyclinic.training.keeper import Keeper
from polyclinic.training.objective import Objective, Outcome, Sealed
from polyclinic.training.optimiser import build_optimiser
from polyclinic.training.order import Order, random_key
from polyclinic.training.progress import Report
from polyclinic.training.run_directory import RunDirectory
from polyclinic.training.schedule import learning_rate
from polyclinic.training.state import capture, restore
from polyclinic.training.tally import Tally


class Loop:
    """Steps, log lines, evaluations and checkpoints of one process.

    Args:
        fabric: launched.
        objective: what is minimised.
        order: which samples come when.
        config: how to train.
        run: where to write.
        keeper: decides which weights are kept.
    """

    def __init__(
        self,
        fabric: Fabric,
        objective: Objective,
        order: Order,
        config: TrainConfig,
        run: RunDirectory,
        keeper: Keeper,
    ) -> None:
        self.fabric, self.objective, self.order = fabric, objective, order
        self.config, self.run, self.keeper = config, run, keeper
        objective.to(fabric.device)
        if config.channels_last:
            objective.network.to(memory_format=torch.channels_last)
        self.optimiser = build_optimiser(objective, config)
        self.model, self.stepper = fabric.setup(objective, self.optimiser)
        self.average = averaged(objective.network, config.ema) if config.ema else None
        self.clock = Clock(None if config.max_minutes is None else 60 * config.max_minutes)
        self.tally = Tally()
        self.step = 0
        self.finished = False
        self.losses: dict[str, float] = {}

    def resume(self) -> None:
        """Go back to the last checkpoint, or to the start when there is none."""
        found = self.run.load_state()
        if found is not None:
            tensors, saved = found
            restore(tensors, self.objective, self.optimiser, self.average)
            self.step, self.finished = saved["step"], saved["finished"]
            self.losses = saved["losses"]
            self.tally = Tally(saved["tally"])
            self.clock.take_up(saved["clock"])
            self.keeper.take_up(saved["keeper"])
        self.run.forget_log_after(self.step)

    def advance(self, batches: Iterator[Batch], report: Report) -> None:
        """Train from the present step to the end.

        Args:
            batches: those of the present step and after.
            report: told of every step.

        Raises:
            TrainingError: a loss or a gradient is not finite.
        """
        self.objective.train()
        while not self.finished:
            rate = learning_rate(self.config, self.step, self._budget_spent())
            began = time.perf_counter()
            batch = next(batches)
            waited = time.perf_counter() - began
            values = self._update(batch, rate)
            seconds = time.perf_counter() - began
            self.tally.add(values | {"seconds": seconds, "waited": waited})
            self.step += 1
            share = max(self.step / self.config.steps, self._budget_spent())
            self.finished = share >= 1
            self._follow_up()
            report(
                step=self.step,
                share=share,
                left=self.clock.elapsed * (1 - share) / share,
                loss=values["loss"],
                speed=self.config.batch_size / seconds,
            )

    @property
    def network(self) -> Network:
        """The weights to evaluate and to keep: the averaged ones where there are any."""
        return (
            self.objective.network if self.average is None else cast(Network, self.average.module)
        )

    def _update(self, batch: Batch, rate: float) -> dict[str, float]:
        """One step of the optimiser; returns what to log."""
        rank = self.fabric.global_rank
        # Seeded anew each step, so a resumed run draws what an uninterrupted one would have drawn.
        torch.manual_seed(random_key(self.order.seed, self.step, rank, 1))
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        outcome: Outcome = self.model(Sealed(batch.to(self.fabric.device)))
        norm = torch.zeros((), device=self.fabric.device)
        if outcome.means:
            self.fabric.backward(outcome.objective)
            gradients = [p.grad for p in self.objective.parameters() if p.grad is not None]
            norm = get_total_norm(gradients, foreach=True)
        values = _logged(outcome, norm)
        check_finite(values, batch, run=self.run.path, step=self.step + 1, rank=rank)
        if outcome.means:
            if self.config.clip_norm is not None:
                clip_grads_with_norm_(self.objective.parameters(), self.config.clip_norm, norm)
            self.stepper.step()
            self.stepper.zero_grad()
        if self.average is not None:
            self.average.update_parameters(self.objective.network)
        return values

    def _follow_up(self) -> None:
        """What is due after a step: a log line, an evaluation, a checkpoint."""
        if self._is_due(self.config.log_every):
            self._log()
        if self._is_due(self.keeper.every(self.config)):
            with self.clock.evaluation():
                self.keeper.look(self.network, self.step)
        if self._is_due(self.config.checkpoint_every):
            self._checkpoint()

    def _is_due(self, every: int) -> bool:
        return self.finished or self.step % every == 0

    def _log(self) -> None:
        means = self.tally.means()
        self.tally = Tally()
        names = self.objective.names
        self.losses = {n: means[f"raw {n}"] for n in names if f"raw {n}" in means}
        record = {
            "step": self.step,
            "epoch": self.order.epoch(self.step),
            "elapsed": self.clock.elapsed,
            "lr": self.optimiser.param_groups[0]["lr"],
            "loss": means["loss"],
            "gradient_norm": means["gradient norm"],
            "images_per_s": self.config.batch_size / means["seconds"],
            "waiting_share": means["waited"] / means["seconds"],
            "losses": {
                name: {"raw": raw, "weighted": means[f"weighted {name}"]}
                | self.objective.balance.state_of(name)
                for name, raw in self.losses.items()
            },
        }
        self.run.log(record)

    def _checkpoint(self) -> None:
        description = {
            "step": self.step,
            "finished": self.finished,
            "processes": self.fabric.world_size,
            "losses": self.losses,
            "tally": self.tally.to_json(),
            "clock": self.clock.to_json(),
            "keeper": self.keeper.to_json(),
        }
        self.run.save_state(capture(self.objective, self.optimiser, self.average), description)

    def _budget_spent(self) -> float:
        """The first process's clock decides, so that all stop at the same step."""
        if self.config.max_minutes is None:
            return 0.0
        return float(self.fabric.broadcast(self.clock.spent()))


def _logged(outcome: Outcome, norm: Tensor) -> dict[str, float]:
    """Numbers of a step, brought from the device in one transfer."""
    named = {f"raw {name}": value for name, value in outcome.means.items()}
    named |= {f"weighted {name}": value for name, value in outcome.weighted.items()}
    named["gradient norm"] = norm
    numbers = torch.stack([value.float() for value in named.values()]).tolist()
    values = dict(zip(named, numbers, strict=True))
    return values | {"loss": sum(v for n, v in values.items() if n.startswith("weighted "))}
