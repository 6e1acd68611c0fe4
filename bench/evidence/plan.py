"""How much a study of knees does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.evidence.training import Training, Views
from bench.evidence.views import WINDOW, Look, Sizes


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much is done.

    Args:
        sizes: patients.
        steps: of a usual training.
        labelled: knees with 16 landmarks: few, some, and as many as all other groups have.
        low_cost: knees with one point.
    """

    sizes: Sizes
    steps: int
    labelled: tuple[int, int, int]
    low_cost: int

    def training(
        self,
        name: str,
        meaning: str,
        changes: Mapping[str, Any] | None = None,
        *,
        knees: int | None = None,
        look: Look = WINDOW,
        shuffled: bool = False,
        steps: float = 1.0,
        start: Training | None = None,
    ) -> Training:
        """A training of this plan; steps in usual trainings."""
        knees = self.labelled[-1] if knees is None else knees
        return Training(
            name=name,
            meaning=meaning,
            views=Views(sizes=self.sizes, knees=knees, look=look, shuffled=shuffled),
            steps=max(1, round(steps * self.steps)),
            usual=self.steps,
            changes=changes or {},
            start=start,
        )
