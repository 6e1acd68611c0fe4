"""The training loop."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor

from polyclinic.tasks import Batch
from polyclinic.training.clock import Clock
from polyclinic.training.config import Resolved, TrainConfig
from polyclinic.training.journal import Tally
from polyclinic.training.keeper import Keeper
from polyclinic.training.optimiser import learning_rate
from polyclinic.training.order import Order
from polyclinic.training.progress import Report
from polyclinic.training.run_directory import RunDirectory
from polyclinic.training.stepper import Stepper

LATEST_FIRST_LOOK = 0.5
"""Share of a time budget after which the first evaluation does not wait for its step."""


class Loop:
    """Steps, log lines, evaluations and checkpoints of one process.

    Args:
        stepper: learns from one batch.
        order: which samples come when.
        config: how to train.
        run: where to write.
        keeper: decides which weights are kept.
        precision: in which the network computes, to log and to resume in.
    """

    def __init__(
        self,
        stepper: Stepper,
        order: Order,
        config: TrainConfig,
        run: RunDirectory,
        keeper: Keeper,
        precision: Resolved,
    ) -> None:
        self.stepper, self.order = stepper, order
        self.config, self.run, self.keeper = config, run, keeper
        self.precision = precision
        self.clock = Clock(None if config.max_minutes is None else 60 * config.max_minutes)
        self.tally = Tally()
        self.step = 0
        self.rate = 0.0
        self.finished = False
        self.losses: dict[str, float] = {}

    def load_state(self, tensors: Mapping[str, Tensor], saved: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.stepper.restore(tensors)
        self.step, self.finished = saved["step"], saved["finished"]
        self.losses = saved["losses"]
        self.tally = Tally(saved["tally"])
        self.clock.load_state(saved["clock"])
        self.keeper.load_state(saved["keeper"])

    def advance(self, batches: Iterator[Batch], report: Report) -> None:
        """Train from the present step to the end.

        Args:
            batches: those of the present step and after.
            report: told of every step.

        Raises:
            TrainingError: a loss or a gradient is not finite.
        """
        self.stepper.objective.train()
        while not self.finished:
            self.rate = learning_rate(self.config, self.step, self._budget_spent())
            began = time.perf_counter()
            with self.clock.waiting():
                batch = next(batches)
            waited = time.perf_counter() - began
            values = self.stepper(batch, step=self.step, rate=self.rate)
            seconds = time.perf_counter() - began
            self.tally.add(values | {"seconds": seconds, "waited": waited})
            self.step += 1
            spent = self._budget_spent()
            share = self.config.share_done(self.step, spent)
            self.finished = share >= 1
            self._follow_up(spent)
            report(
                step=self.step,
                share=share,
                left=self.clock.elapsed * (1 - share) / share,
                loss=values["loss"],
                speed=self.config.batch_size / seconds,
            )

    def _follow_up(self, spent: float) -> None:
        """What is due after a step: a log line, an evaluation, a checkpoint."""
        if self._is_due(self.config.log_every):
            self._log()
        if self._must_measure(spent) or self._is_due(self.keeper.every(self.config)):
            with self.clock.evaluation():
                self.keeper.look(self.stepper.network, self.step)
        if self._is_due(self.config.checkpoint_every):
            self._checkpoint()

    def _is_due(self, every: int) -> bool:
        return self.finished or self.step % every == 0

    def _must_measure(self, spent: float) -> bool:
        """Whether to evaluate early: how much time the last one needs, only another can tell."""
        measured = self.keeper.evaluate is None or self.clock.longest_evaluation > 0
        return spent >= LATEST_FIRST_LOOK and not measured

    def _log(self) -> None:
        means = self.tally.means()
        self.tally = Tally()
        objective = self.stepper.objective
        names = objective.names
        self.losses = {n: means[f"raw {n}"] for n in names if f"raw {n}" in means}
        record = {
            "step": self.step,
            "epoch": self.order.epoch(self.step),
            "elapsed": self.clock.elapsed,
            "lr": self.rate,
            "loss": means["loss"],
            "gradient_norm": means["gradient norm"],
            "precision": self.precision,
            "images_per_s": self.config.batch_size / means["seconds"],
            "waiting_share": means["waited"] / means["seconds"],
            "losses": {
                name: {"raw": raw, "weighted": means[f"weighted {name}"]}
                | objective.balance.state_of(name)
                for name, raw in self.losses.items()
            },
        }
        self.run.log(record)

    def _checkpoint(self) -> None:
        description = {
            "step": self.step,
            "finished": self.finished,
            "processes": self.stepper.fabric.world_size,
            "precision": self.precision,
            "losses": self.losses,
            "tally": self.tally.to_json(),
            "clock": self.clock.to_json(),
            "keeper": self.keeper.to_json(),
        }
        self.run.save_state(self.stepper.capture(), description)

    def _budget_spent(self) -> float:
        """The first process's clock decides, so that all stop at the same step."""
        if self.config.max_minutes is None:
            return 0.0
        return float(self.stepper.fabric.broadcast(self.clock.spent()))
