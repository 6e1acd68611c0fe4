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
        self.longest_evaluation = max(self.longest_evaluation, self.elapsed - began)

    def to_json(self) -> dict[str, float]:
        """What a checkpoint needs."""
        return {"elapsed": self.elapsed, "longest_evaluation": self.longest_evaluation}

    def take_up(self, saved: Mapping[str, float]) -> None:
        """Go on from a checkpoint."""
        self._start = time.perf_counter() - saved["elapsed"]
        self.longest_evaluation = saved["longest_evaluation"]
