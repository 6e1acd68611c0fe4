"""The figures of one whole-image task: its name, its cases and its baselines in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.classify.answers import Answers
from polyclinic.metrics.classify.calibration import calibration_error, squared_calibration_error
from polyclinic.metrics.classify.counts import always_commonest, counted
from polyclinic.metrics.classify.event import benefits, calibration_intercept, recalibration
from polyclinic.metrics.figure import Figure, Values, Weighted
from polyclinic.metrics.pooled import divided, in_pieces, mean_figure

NET_BENEFIT_AT = (0.1, 0.2, 0.5)
"""Risks from which on one acts, which weigh a false alarm as 1/9, 1/4 and 1 of a miss."""


@dataclass(frozen=True, eq=False)
class TaskFigures:
    """Makes figures named `<task>_...`.

    Args:
        answers: of the M cases that hold the task.
        cases: N, how many there are in all.
        group: the table that they stand in.
        patients: (M,) the number of each answer's patient; each its own unless given.
    """

    answers: Answers
    cases: int
    group: str = "findings"
    patients: NDArray[np.intp] | None = None

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

    def readable(self) -> TaskFigures:
        """The same of the answers that were given: nobody can calibrate what was never said."""
        given = ~self.answers.failed
        patients = None if self.patients is None else self.patients[given]
        return replace(self, answers=self.answers.readable(), patients=patients)

    def calibration(self) -> list[Figure]:
        """Whether probabilities are as often right as they say.

        Of two values that of the event, the positive one; of several that of the likeliest.
        """
        one = self.answers
        said = one.probabilities.max(1), one.said == one.true
        if len(one.values) == 2:
            risk = np.where(one.failed, np.nan, one.probabilities[:, 1])
            return [*self._gaps(risk, one.true == 1, repr(one.values[1])), *self._acted_on(risk)]
        return self._gaps(np.where(one.failed, np.nan, said[0]), said[1], "right answers")

    def _gaps(self, stated: Values, happened: NDArray[np.bool_], what: str) -> list[Figure]:
        """Gaps of stated and true frequency, the largest there is where nothing was stated."""
        kept = ~np.isnan(stated)
        confidence, came = stated[kept], happened[kept]
        patients = None if self.patients is None else self.patients[kept]

        def with_failed(gap: Values, weights: Values) -> Values:
            known, failed = weights[:, kept].sum(1), weights[:, ~kept].sum(1)
            return divided(np.where(known > 0, gap * known, 0.0) + failed, known + failed)

        def squared(weights: Values) -> Values:
            gap = squared_calibration_error(confidence, came, weights[:, kept], patients=patients)
            return with_failed(gap, weights)

        def expected(weights: Values) -> Values:
            return with_failed(calibration_error(confidence, came, weights[:, kept]), weights)

        meaning = f"gap of stated and true frequency of {what}, 15 bins"
        return [
            self.of_objects(
                "ece",
                expected,
                meaning=f"{meaning}, expected calibration error; above 0 by chance alone; "
                "baseline: always stating how frequent each value is",
                better="lower",
                baseline=self.constant(0.0),
                unbounded="chance alone keeps it above 0, see rms_calibration_error",
            ),
            self.of_objects(
                "rms_calibration_error",
                lambda weights: np.sqrt(np.maximum(squared(weights), 0)),
                meaning=f"root of the mean squared {meaning}, free of what chance adds; "
                "baseline: always stating how frequent each value is",
                better="lower",
                baseline=self.constant(0.0),
                square=self.of_objects("", squared, scale="real"),
            ),
        ]

    def _acted_on(self, risk: Values) -> list[Figure]:
        """Weak calibration of the risk of the event, and what acting on it is worth."""
        event, name = self.answers.true == 1, repr(self.answers.values[1])
        kept = ~np.isnan(risk)
        stated, came = risk[kept], event[kept]
        left_out = self._held((~kept).astype(float))
        return [
            self.of_values(
                "calibration_in_the_large",
                event - risk,
                meaning=f"mean of {name} that came true - stated; above 0: risks are too low",
                better="zero",
                baseline=self.constant(0.0),
                left_out=left_out,
            ),
            self.of_objects(
                "calibration_intercept",
                lambda weights: calibration_intercept(stated, came, weights[:, kept]),
                meaning=f"log odds by which the risk of {name} is too low on the whole",
                better="zero",
                baseline=self.constant(0.0),
                left_out=left_out,
            ),
            self.of_objects(
                "calibration_slope",
                lambda weights: recalibration(stated, came, weights[:, kept])[:, 1],
                meaning=f"slope of the log odds of {name} over those stated; 1 is best, below: "
                "too extreme",
                left_out=left_out,
            ),
            *(self._net_benefit(risk, event, at) for at in NET_BENEFIT_AT),
        ]

    def _net_benefit(self, risk: Values, event: NDArray[np.bool_], at: float) -> Figure:
        odds = at / (1 - at)
        return self.of_values(
            f"net_benefit_{100 * at:g}",
            benefits(risk, event, at),
            meaning=f"share of true less {odds:.3g} times that of false alarms, acting from a "
            f"risk of {at:g} on; acting on nobody: 0; baseline: acting on everybody",
            better="higher",
            scale="real",
            baseline=self.from_shares(lambda shares: shares[:, 1] - odds * shares[:, 0]),
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
        return np.bincount(self.answers.rows, answers, minlength=self.cases).astype(float)

    def _shown(self, known: dict[str, Any]) -> dict[str, Any]:
        notes = [known.get("note", ""), self.answers.note]
        return {
            "group": self.group,
            "counts": self._held(np.ones(len(self.answers.rows))),
            "kinds": self._kinds(),
            **known,
            "note": "; ".join(filter(None, notes)),
        }
