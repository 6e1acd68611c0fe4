"""The figures of a quantity that was found and annotated."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polyclinic.metrics.agree.concordance import concordance, deming_slope
from polyclinic.metrics.agree.differences import bias, lower_limit, upper_limit
from polyclinic.metrics.agree.icc import RatingSums, icc_agreement
from polyclinic.metrics.agree.sums import Moments, PairSums, moment_figure, whole_pairs
from polyclinic.metrics.figure import Figure, Values, Weighted
from polyclinic.metrics.pooled import divided, in_pieces, mean_figure, quantiles


def agreement_figures(
    name: str,
    unit: str,
    found: ArrayLike,
    true: ArrayLike,
    rows: ArrayLike,
    cases: int,
    *,
    group: str = "agreement",
) -> list[Figure]:
    """MAE, bias, limits of agreement, ICC(2,1), CCC and Deming slope of one quantity.

    Args:
        name: of the quantity, e.g. `head_circumference`; the figures are `<name>_mae` and so on.
        unit: of the values.
        found: (M,) values; a pair with a NaN on either side is left out.
        true: (M,) annotated values.
        rows: (M,) the case of each pair.
        cases: N.
        group: the table that they stand in.

    Returns:
        Figures that are NaN where they do not exist: limits below two pairs, the last three
        where nothing varies.

    Raises:
        DataError: found, true and rows are not of the same length.
    """
    left, right, of = whole_pairs(found, true, rows)
    sums = PairSums.of(left, right).in_cases(of, cases)
    what = name.replace("_", " ")
    return [
        absolute_error_figure(name, unit, left, right, of, cases, group=group),
        mean_figure(
            f"{name}_bias",
            left - right,
            of,
            cases,
            unit=unit,
            meaning=f"{what}: mean of found - annotated",
            group=group,
            better="zero",
        ),
        *(_limit(name, unit, sums, side, group=group) for side in ("lower", "upper")),
        _icc(name, left, right, of, cases, group=group),
        moment_figure(
            f"{name}_ccc",
            sums,
            concordance,
            meaning=f"{what}: Lin's concordance correlation",
            scale="correlation",
            group=group,
            better="higher",
        ),
        moment_figure(
            f"{name}_deming_slope",
            sums,
            deming_slope,
            meaning=f"{what}: slope of found over annotated, errors of equal size; 1 is best",
            group=group,
        ),
    ]


def _limit(
    name: str, unit: str, sums: PairSums, side: Literal["lower", "upper"], *, group: str
) -> Figure:
    """A limit of agreement; its interval is made of those of the bias and of the deviation.

    Source: Zou, Statistical Methods in Medical Research 2013; 22:630-642, section 2.
    """
    statistic, sign = (lower_limit, "-") if side == "lower" else (upper_limit, "+")

    def reach(of: Moments) -> Values:
        return statistic(of) - bias(of)

    return moment_figure(
        f"{name}_{side}_limit",
        sums,
        statistic,
        unit=unit,
        meaning=f"{name.replace('_', ' ')}: {side} limit of agreement, "
        f"bias {sign} 1.96 SD of differences",
        group=group,
        better="zero",
        parts=(
            moment_figure("", sums, bias, scale="real"),
            moment_figure("", sums, reach, scale="positive"),
        ),
    )


def absolute_error_figure(
    name: str,
    unit: str,
    found: Values,
    true: Values,
    rows: NDArray[np.intp],
    cases: int,
    *,
    group: str,
) -> Figure:
    """`<name>_mae` of (M,) pairs without NaN, beside that of always answering the median."""
    return mean_figure(
        f"{name}_mae",
        np.abs(found - true),
        rows,
        cases,
        unit=unit,
        meaning=f"{name.replace('_', ' ')}: mean absolute error; baseline: always the median",
        group=group,
        better="lower",
        baseline=median_error(true, rows, power=1),
    )


def median_error(true: Values, rows: NDArray[np.intp], *, power: int) -> Weighted:
    """Mean of |true - median|^power, the median being that of the same weighted values.

    Args:
        true: (M,) annotated values.
        rows: (M,) the case of each.
        power: 1 for the absolute, 2 for the squared error.
    """
    order = np.argsort(true, kind="stable")
    ranked, home = true[order], rows[order]

    def mean_error(weights: Values) -> Values:
        middle = quantiles(ranked, weights, 0.5)
        away = np.abs(ranked - middle[:, None]) ** power
        return divided(np.einsum("rm,rm->r", weights, away), weights.sum(1))

    return lambda weights: in_pieces(weights, home, mean_error)


def _icc(
    name: str,
    found: Values,
    true: Values,
    rows: NDArray[np.intp],
    cases: int,
    *,
    group: str,
) -> Figure:
    sums = RatingSums.of(np.stack([found, true], 1)).in_cases(rows, cases)
    return Figure(
        name=f"{name}_icc",
        weighted=lambda weights: icc_agreement(sums.mean_squares(weights)),
        meaning=f"{name.replace('_', ' ')}: ICC(2,1), absolute agreement of single values",
        group=group,
        better="higher",
        scale="correlation",
        counts=sums.terms[:, 0],
    )
