"""Training time, kept across resumes, against a budget."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class Clock:
    """Counts the seconds of a training and keeps back what the last evaluation will need.

    Args:
        budget: seconds that the whole training may take; None for no limit.
    """

    def __init__(self, budget: float | None) -> None:
        self.budget = budget
        self.longest_evaluation = 0.0
        self.evaluating = 0.0
        self.waited = 0.0
        self._start = time.perf_counter()

    @property
    def elapsed(self) -> float:
        """Seconds of training, evaluations and checkpoints included."""
        return time.perf_counter() - self._start

    def spent(self) -> float:
        """Share of the budget that is gone, counting the last evaluation; 0 without a budget."""
        if self.budget is None:
            return 0.0
        usable = self.budget - self.longest_evaluation
        return 1.0 if usable <= 0 else min(1.0, self.elapsed / usable)

    @contextmanager
    def evaluation(self) -> Iterator[None]:
        """Measure an evaluation, so that time is left for one at the end."""
        began = self.elapsed
        yield
        took = self.elapsed - began
        self.evaluating += took
        self.longest_evaluation = max(self.longest_evaluation, took)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Measure how long the network has nothing to do because its next batch is not there."""
        began = self.elapsed
        yield
        self.waited += self.elapsed - began

    @property
    def waiting_share(self) -> float:
        """Share of the time, evaluations apart, that went by waiting for batches."""
        training = self.elapsed - self.evaluating
        return self.waited / training if training > 0 else 0.0

    def to_json(self) -> dict[str, float]:
        """What a checkpoint needs."""
        return {
            "elapsed": self.elapsed,
            "longest_evaluation": self.longest_evaluation,
            "evaluating": self.evaluating,
            "waited": self.waited,
        }

    def load_state(self, saved: Mapping[str, float]) -> None:
        """Go on from a checkpoint."""
        self._start = time.perf_counter() - saved["elapsed"]
        self.longest_evaluation = saved["longest_evaluation"]
        self.evaluating, self.waited = saved["evaluating"], saved["waited"]
