"""The figures by which whole-image findings and grades are judged.

The answer is the likeliest value. An image that could not be opened counts, as the worst answer
that there is; where there are such images, the figures of the others stand beside, with names that
end in `_of_readable`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from polyclinic.metrics.bootstrap import patient_rows
from polyclinic.metrics.case import Case
from polyclinic.metrics.classify.answers import Answers, finding_answers
from polyclinic.metrics.classify.counts import (
    accuracy,
    balanced_accuracy,
    f1,
    g_mean,
    grade_distances,
    macro_f1,
    negative_predictive_value,
    positive_predictive_value,
    quadratic_kappa,
    sensitivity,
    specificity,
)
from polyclinic.metrics.classify.delong import delong_interval
from polyclinic.metrics.classify.operating import operating_figures
from polyclinic.metrics.classify.proper import squared_errors
from polyclinic.metrics.classify.ranking import auc, average_precision, macro_auc
from polyclinic.metrics.classify.task_figures import TaskFigures
from polyclinic.metrics.figure import Figure, Values

_BALANCED = "mean share of each value that was recognised; baseline: always the commonest value"


def figures(cases: Sequence[Case], accept: float) -> list[Figure]:
    """Figures of every whole-image task that was both annotated and read.

    Args:
        cases: samples with readings.
        accept: without meaning here; findings hold every value.
    """
    patients = patient_rows([sample for sample, _ in cases])
    return [
        figure
        for answers in finding_answers(cases)
        for figure in task_figures(
            TaskFigures(answers, len(cases), patients=patients[answers.rows]), cases
        )
    ]


def task_figures(make: TaskFigures, cases: Sequence[Case]) -> list[Figure]:
    """Figures of one task, and once more of the readable images, where others could not be read."""
    found = _of_task(make, cases)
    if not make.answers.failed.any():
        return found
    readable = make.readable()
    if not len(readable.answers.rows):
        return found
    left_out = _unread(make)
    group = f"{make.group} of readable {make.answers.of}s"
    return found + [
        replace(figure, name=f"{figure.name}_of_readable", group=group, left_out=left_out)
        for figure in _of_task(readable, cases)
    ]


def _unread(make: TaskFigures) -> Values:
    """(N,) 1 for each case of which nothing was said."""
    lost = make.answers.rows[make.answers.failed]
    return np.bincount(lost, minlength=make.cases).astype(float)


def _of_task(make: TaskFigures, cases: Sequence[Case]) -> list[Figure]:
    """Those of two values, of several, or of grades."""
    answers = make.answers
    if len(answers.values) == 2:
        note = _delong_note(answers, cases)
        return [
            *_ranked(make, note),
            *_decided(make),
            *operating_figures(make, cases),
            *_honest(make),
        ]
    return [*_nominal(make), *([] if answers.grades is None else _ordinal(make, answers.grades))]


def _ranked(make: TaskFigures, note: str) -> list[Figure]:
    """What the probability of the positive value tells apart, at any threshold."""
    probability, positive = make.answers.probabilities[:, 1], make.answers.true == 1
    name = make.answers.values[1]
    return [
        make.of_objects(
            "auc",
            lambda weights: auc(probability, positive, weights),
            meaning=f"probability that {name!r} is ranked above the other value",
            better="higher",
            baseline=make.constant(0.5),
            note=note,
        ),
        make.of_objects(
            "auprc",
            lambda weights: average_precision(probability, positive, weights),
            meaning=f"average precision for {name!r}; baseline: its share",
            better="higher",
            baseline=make.from_shares(lambda shares: shares[:, 1]),
        ),
    ]


def _decided(make: TaskFigures) -> list[Figure]:
    """Whether the likelier of two values is the right one."""
    answers = make.answers
    right, positive = answers.said == answers.true, answers.true == 1
    name = answers.values[1]
    return [
        make.of_values(
            "sensitivity",
            np.where(positive, right, np.nan),
            meaning=f"share of {name!r} that was recognised; baseline: always the commonest value",
            better="higher",
            baseline=make.commonest(sensitivity),
        ),
        make.of_values(
            "specificity",
            np.where(positive, np.nan, right),
            meaning=f"share of {answers.values[0]!r} that was recognised; "
            "baseline: always the commonest value",
            better="higher",
            baseline=make.commonest(specificity),
        ),
        make.of_counts(
            "ppv",
            positive_predictive_value,
            meaning=f"share of those called {name!r} that are so; it depends on how frequent "
            f"{name!r} is among these cases",
            baseline=make.from_shares(lambda shares: shares[:, 1]),
        ),
        make.of_counts(
            "npv",
            negative_predictive_value,
            meaning=f"share of those called {answers.values[0]!r} that are so; it depends on how "
            f"frequent {name!r} is among these cases",
            baseline=make.from_shares(lambda shares: shares[:, 0]),
        ),
        make.of_counts("balanced_accuracy", balanced_accuracy, meaning=_BALANCED),
        make.of_counts(
            "g_mean",
            g_mean,
            meaning="geometric mean of sensitivity and specificity; "
            "baseline: always the commonest value",
        ),
        make.of_counts(
            "f1",
            f1,
            meaning=f"2 hits / (annotated + said) of {name!r}; baseline: always {name!r}",
            baseline=make.from_shares(lambda shares: 2 * shares[:, 1] / (1 + shares[:, 1])),
        ),
    ]


def _honest(make: TaskFigures) -> list[Figure]:
    """Whether two probabilities are what they claim to be."""
    probability, positive = make.answers.probabilities[:, 1], make.answers.true == 1
    return [
        make.of_values(
            "brier",
            (probability - positive) ** 2,
            meaning="mean squared error of the probability; baseline: always stating the share",
            better="lower",
            baseline=make.from_shares(lambda shares: shares[:, 1] * shares[:, 0]),
        ),
        *make.calibration(),
    ]


def right_answers(make: TaskFigures) -> Figure:
    """Accuracy."""
    answers = make.answers
    return make.of_values(
        "accuracy",
        (answers.said == answers.true).astype(float),
        meaning="share of right answers; baseline: always the commonest value",
        better="higher",
        baseline=make.commonest(accuracy),
    )


def _nominal(make: TaskFigures) -> list[Figure]:
    """Three values or more."""
    answers = make.answers
    return [
        right_answers(make),
        make.of_counts("balanced_accuracy", balanced_accuracy, meaning=_BALANCED),
        make.of_counts(
            "macro_f1",
            macro_f1,
            meaning="mean F1 of the values; baseline: always the commonest value",
        ),
        make.of_objects(
            "macro_auc",
            lambda weights: macro_auc(answers.probabilities, answers.true, weights),
            meaning="mean AUC of each value against the others",
            better="higher",
            baseline=make.constant(0.5),
        ),
        make.of_values(
            "brier",
            np.where(answers.failed, 2.0, squared_errors(answers.probabilities, answers.true)),
            meaning="squared errors summed over values; baseline: always stating their shares",
            better="lower",
            baseline=make.from_shares(lambda shares: 1 - (shares**2).sum(1)),
        ),
        *make.calibration(),
    ]


def _ordinal(make: TaskFigures, grades: tuple[int, ...]) -> list[Figure]:
    """Values that are numbers: an error is the worse the farther it is off."""
    distances = grade_distances(grades)
    return [
        make.of_counts(
            "quadratic_kappa",
            lambda counts: quadratic_kappa(counts, grades),
            scale="correlation",
            meaning="agreement beyond chance, errors by their squared distance; "
            "baseline: always the commonest grade",
        ),
        make.of_values(
            "grade_error",
            distances[make.answers.true, make.answers.said],
            unit="grade",
            meaning="mean distance of read from annotated grade; baseline: the best constant grade",
            better="lower",
            baseline=make.from_shares(lambda shares: (shares @ distances[:, :-1]).min(1)),
        ),
    ]


def _delong_note(answers: Answers, cases: Sequence[Case]) -> str:
    """DeLong's interval of the AUC, where no patient has two images."""
    patients = patient_rows([cases[row][0] for row in answers.rows])
    found = delong_interval(answers.probabilities[:, 1], answers.true == 1)
    if len(np.unique(patients)) < len(patients) or found.lower is None or found.upper is None:
        return ""
    return f"DeLong 95 % interval over all {answers.of}s: {found.lower:.3f} to {found.upper:.3f}"
