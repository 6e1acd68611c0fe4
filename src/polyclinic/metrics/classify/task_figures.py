"""The figures of one whole-image task: its name, its cases and its baselines in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from polyclinic.metrics.classify.answers import Answers
from polyclinic.metrics.classify.calibration import calibration_error
from polyclinic.metrics.classify.counts import always_commonest, counted
from polyclinic.metrics.figure import Figure, Values, Weighted
from polyclinic.metrics.pooled import divided, in_pieces, mean_figure


@dataclass(frozen=True, eq=False)
class TaskFigures:
    """Makes figures named `<task>_...`.

    Args:
        answers: of the M cases that hold the task.
        cases: N, how many there are in all.
        group: the table that they stand in.
    """

    answers: Answers
    cases: int
    group: str = "findings"

    def of_objects(self, name: str, statistic: Weighted, **known: Any) -> Figure:
        """A figure from a function of the (R, M) weights of answers."""
        return self._figure(name, self._of_cases(statistic), **known)

    def of_counts(self, name: str, statistic: Callable[[Values], Values], **known: Any) -> Figure:
        """A figure from a function of (R, C, C + 1) counts, beside the commonest answer's."""
        shown = {"baseline": self.commonest(statistic), "better": "higher", **known}
        return self._figure(name, self._of_cases(lambda w: statistic(self._counted(w))), **shown)

    def of_values(self, name: str, values: Values, **known: Any) -> Figure:
        """The mean of the finite ones of (M,) values."""
        shown = self._shown(known)
        del shown["counts"], shown["kinds"]
        return mean_figure(self._named(name), values, self.answers.rows, self.cases, **shown)

    def calibration(self) -> Figure:
        """Expected calibration error of the likeliest value."""
        one = self.answers
        confidence, right = one.probabilities.max(1), one.said == one.true
        return self.of_objects(
            "ece",
            lambda weights: calibration_error(confidence, right, weights),
            meaning="gap of stated and true frequency of right answers, 15 bins; "
            "baseline: always stating how frequent each value is",
            better="lower",
            baseline=self.constant(0.0),
        )

    def commonest(self, statistic: Callable[[Values], Values]) -> Weighted:
        """What always answering the value that is annotated most often reaches."""
        return self._of_cases(lambda weights: statistic(always_commonest(self._counted(weights))))

    def from_shares(self, answer: Callable[[Values], Values]) -> Weighted:
        """What an answer reaches that depends on the (R, C) shares of annotated values alone."""
        return self._of_cases(lambda weights: answer(self._shares(weights)))

    def constant(self, value: float) -> Weighted:
        """A baseline that is the same for all weights."""
        return self.from_shares(lambda shares: shares.sum(1) * value)

    def _counted(self, weights: Values) -> Values:
        one = self.answers
        return counted(one.true, one.said, weights, classes=len(one.values))

    def _shares(self, weights: Values) -> Values:
        held = self.answers.true[:, None] == np.arange(len(self.answers.values))
        truth = weights @ held.astype(float)
        return divided(truth, np.broadcast_to(truth.sum(1, keepdims=True), truth.shape))

    def _of_cases(self, statistic: Weighted) -> Weighted:
        return lambda weights: in_pieces(weights, self.answers.rows, statistic)

    def _figure(self, name: str, weighted: Weighted, **known: Any) -> Figure:
        return Figure(name=self._named(name), weighted=weighted, **self._shown(known))

    def _named(self, name: str) -> str:
        return f"{self.answers.task}_{name}"

    def _kinds(self) -> Values | None:
        """(2, N) answers of either value where there are two: both are needed to tell them apart.

        Of several values some may be rare, and figures are means over them.
        """
        true = self.answers.true
        if len(self.answers.values) != 2:
            return None
        return np.stack([self._held(np.asarray(true == value, float)) for value in (0, 1)])

    def _held(self, answers: Values) -> Values:
        return np.bincount(self.answers.rows, answers, minlength=self.cases)

    def _shown(self, known: dict[str, Any]) -> dict[str, Any]:
        notes = [known.get("note", ""), self.answers.note]
        return {
            "group": self.group,
            "counts": self._held(np.ones(len(self.answers.rows))),
            "kinds": self._kinds(),
            **known,
            "note": "; ".join(filter(None, notes)),
        }
