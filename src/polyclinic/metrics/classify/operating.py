"""Thresholds that are chosen on validation patients, and what they do on others.

A threshold that is chosen on the very cases that are judged promises too much. So a training
chooses them on its validation part and writes them into the provenance of every reading, and
what is judged is judged at those.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.case import Case
from polyclinic.metrics.classify.answers import Answers, finding_answers
from polyclinic.metrics.classify.counts import (
    counted,
    negative_predictive_value,
    positive_predictive_value,
    sensitivity,
    specificity,
)
from polyclinic.metrics.classify.patient_answers import patient_answers
from polyclinic.metrics.classify.ranking import ranking
from polyclinic.metrics.classify.task_figures import TaskFigures
from polyclinic.metrics.figure import Figure, Values

KEY = "thresholds"
"""Where the provenance of a reading holds them, by task."""

AIMS = ("95_specificity", "95_sensitivity")
"""What a threshold is chosen for: the first of each holds 95 % of negatives, or of positives."""

LEAST = 0.95
UNKNOWN = (
    "no threshold that was chosen on validation patients stands in these readings: a run that was "
    "trained before thresholds were kept must be trained again, other systems must state theirs"
)
_ROUNDING = 1e-9
_STATISTICS = (
    ("sensitivity", sensitivity, "share of {positive!r} that was recognised"),
    ("specificity", specificity, "share of {negative!r} that was recognised"),
    ("ppv", positive_predictive_value, "share of those called {positive!r} that are so"),
    ("npv", negative_predictive_value, "share of those called {negative!r} that are so"),
)


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """What one reading says of the threshold of its reader.

    Args:
        value: of the probability of the positive value, from which on it counts as said.
        images: of validation, or patients, on which it was chosen.
        positives: how many of them are positive.
    """

    value: float
    images: int
    positives: int


def chosen_thresholds(cases: Sequence[Case]) -> dict[str, Any]:
    """Thresholds of every task of two values, image by image and patient by patient.

    Args:
        cases: of validation, with readings. Images that could not be read choose nothing.

    Returns:
        By task: `positive`, `images`, `positives` and a threshold for each of `AIMS`; nothing of
        a task that has a single value in validation. As plain values.
    """
    of_patients = [
        replace(one.answers, task=f"patient_{one.answers.task}") for one in patient_answers(cases)
    ]
    every = [one.readable() for one in (*finding_answers(cases), *of_patients)]
    return {
        one.task: _chosen(one)
        for one in every
        if len(one.values) == 2 and len(np.unique(one.true)) == 2
    }


def _chosen(answers: Answers) -> dict[str, Any]:
    """The middle of the gap between two scores, which is least sensitive to a small shift."""
    score, positive = answers.probabilities[:, 1], answers.true == 1
    at = ranking(score, positive, np.ones((1, len(score))))
    ill, well = at.true_positive[0], at.false_positive[0]
    specific = int((well <= (1 - LEAST + _ROUNDING) * well[-1]).sum()) - 1
    sensitive = int((ill < (LEAST - _ROUNDING) * ill[-1]).sum())
    edges = np.append(at.thresholds, 0.0)
    edges[0] = 1.0 if edges[1] < 1 else 2.0  # nothing reaches the middle
    places = zip(AIMS, (specific, sensitive), strict=True)
    return {
        "positive": answers.values[1],
        "images": len(score),
        "positives": int(positive.sum()),
        **{aim: float((edges[place] + edges[place + 1]) / 2) for aim, place in places},
    }


def operating_figures(make: TaskFigures, cases: Sequence[Case]) -> list[Figure]:
    """Sensitivity, specificity and predictive values at the thresholds that the readings state.

    They have no value, and say why, where readings state none. What could not be read is wrong at
    any threshold.

    Args:
        make: of a task of two values.
        cases: all N.
    """
    return [
        figure
        for aim in AIMS
        for figure in _of_aim(make, aim, _stated(make.answers, aim, cases), cases)
    ]


def _of_aim(
    make: TaskFigures, aim: str, stated: list[Threshold | None], cases: Sequence[Case]
) -> list[Figure]:
    answers = make.answers
    known = [one for one in stated if one is not None]
    if len(known) == len(stated):
        limits = np.array([one.value for one in known])
        said = _said(answers, limits)
        setting, note = _told(known, answers), ""
    else:
        said, setting, note = np.full(len(stated), -1), "", UNKNOWN
    names = {"negative": answers.values[0], "positive": answers.values[1]}
    purpose = f"{aim.partition('_')[2]} of 0.95 in validation"

    return [
        make.of_objects(
            f"{name}_at_{aim}",
            partial(_at, statistic, answers, said),
            meaning=f"{meaning.format(**names)}, at the threshold with a {purpose}",
            better="higher",
            setting=setting,
            note=note,
        )
        for name, statistic, meaning in _STATISTICS
    ]


def _at(
    statistic: Callable[[Values], Values],
    answers: Answers,
    said: NDArray[np.intp],
    weights: Values,
) -> Values:
    """(R,) a figure of what was said at a threshold; NaN where it is unknown what was."""
    return statistic(counted(answers.true, said, weights, classes=2))


def _said(answers: Answers, limits: Values) -> NDArray[np.intp]:
    called = (answers.probabilities[:, 1] >= limits).astype(np.intp)
    return np.where(answers.failed, 1 - answers.true, called)


def _told(known: Sequence[Threshold], answers: Answers) -> str:
    values = sorted({one.value for one in known})
    first, positive = known[0], answers.values[1]
    if len(values) > 1:
        return (
            f"thresholds {values[0]:.3g} to {values[-1]:.3g}, each chosen on the validation part "
            "of its fold"
        )
    return (
        f"threshold {values[0]:.3g}, chosen on {first.images} validation {answers.of}s, "
        f"{first.positives} of them {positive!r}"
    )


def _stated(answers: Answers, aim: str, cases: Sequence[Case]) -> list[Threshold | None]:
    """(M,) of each answer; one without a reading of its own takes what all others share."""
    found = [_threshold(cases[row], aim, answers) for row in answers.rows.tolist()]
    shared = set(filter(None, found))
    if len(shared) != 1:
        return found
    (only,) = shared
    return [
        only if lost and one is None else one
        for one, lost in zip(found, answers.failed.tolist(), strict=True)
    ]


def _threshold(case: Case, aim: str, answers: Answers) -> Threshold | None:
    stated = case[1].provenance.get(KEY)
    one = stated.get(answers.task) if isinstance(stated, Mapping) else None
    if not isinstance(one, Mapping) or one.get("positive") != answers.values[1] or aim not in one:
        return None
    return Threshold(
        value=float(one[aim]),
        images=int(one.get("images", 0)),
        positives=int(one.get("positives", 0)),
    )
