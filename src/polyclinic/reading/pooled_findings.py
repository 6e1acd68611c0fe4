"""Whole-image findings of several images of a patient, pooled into one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from polyclinic.reading.reading import Reading

LEAST = 1e-6
"""No image alone may rule a value out: smaller probabilities count as this one."""

_ROUNDING = 1e-3
"""What probabilities of all values may miss of 1."""

Findings = Mapping[str, Mapping[str, float]]


def pool_findings(readings: Iterable[Reading]) -> dict[str, dict[str, dict[str, float]]]:
    """`{patient_id: {task: {value: probability}}}`; see `pooled`.

    Images that could not be read, and images without a patient, are left out.
    """
    return {
        patient: pool_tasks([one.findings for one in some])
        for patient, some in readings_by_patient(readings).items()
    }


def readings_by_patient(readings: Iterable[Reading]) -> dict[str, list[Reading]]:
    """The readings that hold findings of each patient, in order."""
    found: dict[str, list[Reading]] = {}
    for reading in readings:
        if reading.patient_id is not None and reading.error is None and reading.findings:
            found.setdefault(reading.patient_id, []).append(reading)
    return found


def pool_tasks(findings: Sequence[Findings]) -> dict[str, dict[str, float]]:
    """Each task over those of the images that state it."""
    tasks = dict.fromkeys(task for one in findings for task in one)
    return {task: pooled([one[task] for one in findings if task in one]) for task in tasks}


def pooled(stated: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Mean of the logits of several images: mean log probabilities, normalised again.

    A value that an image does not name gets an equal share of what the named ones leave of 1.

    Args:
        stated: {value: probability} of each image.
    """
    values = list(dict.fromkeys(value for one in stated for value in one))
    if not values:
        return {}
    rows = np.array([_whole(one, values) for one in stated], float)
    if rows[:, -1].max() <= _ROUNDING:
        rows = rows[:, :-1]
    logits = np.log(np.maximum(rows, LEAST)).mean(0)
    shares = np.exp(logits - logits.max())
    return dict(zip(values, (shares / shares.sum()).tolist(), strict=False))


def _whole(stated: Mapping[str, float], values: Sequence[str]) -> list[float]:
    """Probabilities of all values, and last what they leave of 1."""
    unnamed = sum(value not in stated for value in values)
    left = max(0.0, 1.0 - sum(stated.values()))
    share = left / max(unnamed, 1)
    return [*(stated.get(value, share) for value in values), 0.0 if unnamed else left]
