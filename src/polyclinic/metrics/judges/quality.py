"""The figures by which numbers of image quality are judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.agree.concordance import pearson
from polyclinic.metrics.agree.differences import root_mean_squared_error
from polyclinic.metrics.agree.figures import absolute_error_figure, median_error
from polyclinic.metrics.agree.ranks import fitted_logistic, spearman
from polyclinic.metrics.agree.sums import PairSums, moment_figure, whole_pairs
from polyclinic.metrics.case import Case
from polyclinic.metrics.figure import Figure, Values
from polyclinic.metrics.pooled import in_pieces

GROUP = "quality"


def figures(cases: Sequence[Case], accept: float) -> list[Figure]:
    """MAE, RMSE, SRCC and PLCC of each quality that was read and annotated as a number.

    The annotation is the label of the same name. An image that the reader failed to open has no
    number to compare and is left out; the counts show it. PLCC is given as read, and after a
    curve that is fitted once to all cases: subgroups and intervals share it.
    """
    return [
        replace(figure, left_out=_unstated(name, cases))
        for name in quality_names(cases)
        for figure in _of_quality(name, cases)
    ]


def _unstated(name: str, cases: Sequence[Case]) -> Values:
    """(N,) 1 for images of which the quality was annotated and not read."""
    return np.array(
        [
            np.isfinite(_number(sample.labels.get(name))) and name not in reading.quality
            for sample, reading in cases
        ],
        float,
    )


def quality_names(cases: Sequence[Case]) -> list[str]:
    """The qualities that were read."""
    return sorted({name for _, reading in cases for name in reading.quality})


def quality_pairs(name: str, cases: Sequence[Case]) -> tuple[Values, Values, NDArray[np.intp]]:
    """(M,) read and annotated values of a quality, where both are numbers, and their cases."""
    found = [reading.quality.get(name, np.nan) for _, reading in cases]
    true = [_number(sample.labels.get(name)) for sample, _ in cases]
    return whole_pairs(found, true, np.arange(len(cases)))


def _of_quality(name: str, cases: Sequence[Case]) -> list[Figure]:
    left, right, rows = quality_pairs(name, cases)
    if not len(rows):
        return []
    sums = PairSums.of(left, right).in_cases(rows, len(cases))
    on_curve = PairSums.of(fitted_logistic(left, right), right).in_cases(rows, len(cases))
    of_median = median_error(right, rows, power=2)
    rank = partial(spearman, left, right)
    what = name.replace("_", " ")
    return [
        absolute_error_figure(name, "1", left, right, rows, len(cases), group=GROUP),
        moment_figure(
            f"{name}_rmse",
            sums,
            root_mean_squared_error,
            meaning=f"{what}: root of the mean squared error; baseline: always the median",
            group=GROUP,
            better="lower",
            baseline=lambda weights: np.sqrt(of_median(weights)),
        ),
        Figure(
            name=f"{name}_srcc",
            weighted=lambda weights: in_pieces(weights, rows, rank),
            meaning=f"{what}: correlation of ranks (Spearman)",
            scale="correlation",
            group=GROUP,
            better="higher",
            counts=sums.terms[:, 0],
        ),
        moment_figure(
            f"{name}_plcc",
            sums,
            pearson,
            meaning=f"{what}: linear correlation (Pearson), no curve fitted before",
            scale="correlation",
            group=GROUP,
            better="higher",
        ),
        moment_figure(
            f"{name}_plcc_fitted",
            on_curve,
            pearson,
            meaning=f"{what}: linear correlation after a logistic curve of five parameters, "
            "fitted once to all of these cases, which flatters it",
            scale="correlation",
            group=GROUP,
            better="higher",
            counts=sums.terms[:, 0],
        ),
    ]


def _number(label: object) -> float:
    """The label as a number; NaN where it is none, such as a class name or yes and no."""
    return float(label) if isinstance(label, Real) and not isinstance(label, bool) else np.nan
