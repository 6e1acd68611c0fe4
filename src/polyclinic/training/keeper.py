"""Which weights of a training are kept: averaged ones, the best, the last."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from polyclinic.tasks import Network
from polyclinic.training.config import TrainConfig
from polyclinic.training.run_directory import RunDirectory

Tensors = tuple[Tensor, ...] | list[Tensor]


def averaged(network: nn.Module, decay: float) -> AveragedModel:
    """A copy of a network that follows an exponential moving average of its weights and buffers.

    The decay of the n-th update is min(decay, (1 + n) / (10 + n)), so that short trainings do not
    keep their first weights (as TensorFlow's ExponentialMovingAverage with `num_updates`).

    Args:
        network: copied; its device is kept.
        decay: of the average, for example 0.999.
    """

    def follow(average: Tensors, current: Tensors, updates: Tensor | int) -> None:
        keep = min(decay, (1 + int(updates)) / (10 + int(updates)))
        if average[0].is_floating_point():
            torch._foreach_lerp_(average, current, 1 - keep)
        else:
            for old, new in zip(average, current, strict=True):
                old.copy_(new)

    return AveragedModel(network, multi_avg_fn=follow, use_buffers=True)


Evaluate = Callable[[Network], float]


class Keeper:
    """Scores weights and keeps the best; without a way to score, the latest.

    While no score is a number the latest weights are kept too: what can't be computed says
    nothing against them. The first score that is a number is the one to beat from then on.

    Args:
        fabric: launched; the first process scores, the others wait.
        run: where to write.
        describe: goes into `model.json`, with the step and the score.
        evaluate: scores a network in evaluation mode, higher is better.
    """

    def __init__(
        self,
        fabric: Fabric,
        run: RunDirectory,
        describe: Mapping[str, Any],
        evaluate: Evaluate | None,
    ) -> None:
        self.fabric, self.run, self.describe, self.evaluate = fabric, run, describe, evaluate
        self.best: float | None = None

    def every(self, config: TrainConfig) -> int:
        """Steps from one look to the next; without a score one a checkpoint is enough."""
        return config.checkpoint_every if self.evaluate is None else config.evaluate_every

    def look(self, network: Network, step: int) -> None:
        """Score the weights and keep them if none were better."""
        if self.evaluate is None:
            self._keep(network, step, None)
            return
        score = self._score(network)
        self.run.log({"step": step, "score": score})
        if self.best is None or (score is not None and score > self.best):
            self.best = score
            self._keep(network, step, score)

    def to_json(self) -> dict[str, Any]:
        """What a checkpoint needs."""
        return {"best": self.best}

    def load_state(self, saved: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.best = saved["best"]

    def _score(self, network: Network) -> float | None:
        """The same score in every process; None when it is not a number."""
        assert self.evaluate is not None
        score = None
        if self.fabric.is_global_zero:
            training = network.training
            network.eval()
            with torch.no_grad():
                score = float(self.evaluate(network))
            network.train(training)
        score = self.fabric.broadcast(score)
        return None if score is None or math.isnan(score) else score

    def _keep(self, network: Network, step: int, score: float | None) -> None:
        chosen = "last" if score is None else "best"
        described = {**self.describe, "step": step, "score": score, "kept": chosen}
        self.run.save_model(network.state_dict(), described)
