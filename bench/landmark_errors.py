"""Distances of landmarks and figures of them, the same for every reader that is compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from polyclinic.metrics.bootstrap import patient_intervals, patient_rows
from polyclinic.metrics.figure import Figure, Values, Weighted
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
    return _with_intervals({name: _figures(name, trainings) for name in FIGURES}, samples)


def differences(one: Errors, other: Errors, samples: Sequence[Sample]) -> dict[str, dict[str, Any]]:
    """The same of one reader less another, under the same draws of images."""
    return _with_intervals(
        {
            name: [
                partial(_less, first, second)
                for first, second in zip(_figures(name, one), _figures(name, other), strict=True)
            ]
            for name in FIGURES
        },
        samples,
    )


def _figures(name: str, trainings: Errors) -> list[Weighted]:
    return [
        FIGURES[name](name, errors, _rows(errors), len(errors)).weighted for errors in trainings
    ]


def _rows(errors: Values) -> Values:
    return np.broadcast_to(np.arange(len(errors))[:, None], errors.shape)


def _with_intervals(
    named: dict[str, list[Weighted]], samples: Sequence[Sample]
) -> dict[str, dict[str, Any]]:
    drawn = patient_intervals(
        [partial(_mean, each) for each in named.values()], patient_rows(samples)
    )
    once = np.ones((1, len(samples)))
    result = {}
    for (name, each), interval in zip(named.items(), drawn, strict=True):
        values = [round(float(one(once)[0]), 3) for one in each]
        ends = {"lower": interval.lower, "upper": interval.upper}
        result[name] = {
            "value": round(float(np.mean(values)), 3),
            **{end: None if at is None else round(at, 3) for end, at in ends.items()},
            "of_trainings": values,
        }
    return result


def _mean(each: Sequence[Weighted], weights: Values) -> Values:
    return np.mean([one(weights) for one in each], axis=0)


def _less(one: Weighted, other: Weighted, weights: Values) -> Values:
    return one(weights) - other(weights)
