"""Distances of landmarks and figures of them, the same for every reader that is compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from polyclinic.metrics.bootstrap import patient_rows
from polyclinic.metrics.figure import Figure, Values
from polyclinic.metrics.intervals import Interval
from polyclinic.metrics.jackknife import difference_intervals, patient_intervals
from polyclinic.metrics.pooled import mean_figure, quantile_figure
from polyclinic.sample import Sample

Errors = Sequence[Values]
"""One (N, K) a training, in original pixels; NaN where not labelled."""

FIGURES: dict[str, Callable[..., Figure]] = {
    "median_px": quantile_figure,
    "mean_px": mean_figure,
    "p95_px": partial(quantile_figure, share=0.95),
}


def true_points(sample: Sample) -> Values:
    """(K, 2) annotated landmarks of the one object of an image; NaN where not labelled."""
    assert sample.instances
    landmarks = sample.instances[0].landmarks
    assert landmarks is not None
    return np.where(landmarks[:, 2:] > 0, landmarks[:, :2], np.nan)


def distances(points: Values, sample: Sample) -> Values:
    """(K,) distances of (K, 2) found points from the annotated ones."""
    return np.hypot(*(points - true_points(sample)).T)


def measured(trainings: Errors, samples: Sequence[Sample]) -> dict[str, dict[str, Any]]:
    """Each figure: mean over trainings, its interval, and the value of each training."""
    found = {name: _figures(name, trainings) for name in FIGURES}
    intervals = patient_intervals([_mean(each) for each in found.values()], patient_rows(samples))
    return {
        name: _numbers(_values(each), interval)
        for (name, each), interval in zip(found.items(), intervals, strict=True)
    }


def differences(one: Errors, other: Errors, samples: Sequence[Sample]) -> dict[str, dict[str, Any]]:
    """The same of one reader less another, over the same images."""
    found = {name: (_figures(name, other), _figures(name, one)) for name in FIGURES}
    intervals = difference_intervals(
        [(_mean(less), _mean(each)) for less, each in found.values()], patient_rows(samples)
    )
    return {
        name: _numbers(_values(each) - _values(less), interval)
        for (name, (less, each)), interval in zip(found.items(), intervals, strict=True)
    }


def _figures(name: str, trainings: Errors) -> list[Figure]:
    return [
        FIGURES[name](name, errors / len(trainings), _rows(errors), len(errors), unit="px")
        for errors in trainings
    ]


def _mean(each: Sequence[Figure]) -> Figure:
    """The figures of trainings are divided by their number: their sum is the mean."""

    def weighted(weights: Values) -> Values:
        return np.sum([one.weighted(weights) for one in each], axis=0)

    return Figure(name=each[0].name, weighted=weighted, unit="px", parts=tuple(each))


def _values(each: Sequence[Figure]) -> Values:
    once = np.ones((1, len(each[0].counts if each[0].counts is not None else ())))
    return np.array([len(each) * one.weighted(once)[0] for one in each])


def _rows(errors: Values) -> Values:
    return np.broadcast_to(np.arange(len(errors))[:, None], errors.shape)


def _numbers(values: Values, interval: Interval) -> dict[str, Any]:
    """The mean of what trainings gave, its interval, and each of them."""
    ends = {"lower": interval.lower, "upper": interval.upper}
    return {
        "value": round(float(values.mean()), 3),
        **{end: None if at is None else round(at, 3) for end, at in ends.items()},
        "of_trainings": [round(float(value), 3) for value in values],
    }
