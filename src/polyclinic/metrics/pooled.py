"""Figures whose objects are pooled over cases: ratios, means, quantiles."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polyclinic.metrics.figure import Figure, Scale, Values
from polyclinic.metrics.ranked import Quantile, Ranked

_AT_ONCE = 1_000_000  # more would not stay in the cache: five times slower


def ratio_figure(name: str, above: ArrayLike, below: ArrayLike, **known: Any) -> Figure:
    """Sum of numerators over sum of denominators (micro average).

    Args:
        name: of the figure.
        above: (N,) what each case adds to the numerator.
        below: (N,) what it adds to the denominator.
        known: further fields of `Figure`.
    """
    top, bottom = np.asarray(above, float), np.asarray(below, float)

    def weighted(weights: Values) -> Values:
        return divided(weights @ top, weights @ bottom)

    shares = bool(np.all((top >= 0) & (top <= bottom)))
    whole = shares and all(np.array_equal(one, np.floor(one)) for one in (top, bottom))
    shown = {
        "by_case": divided(top, bottom),
        "scale": _scale_of(top, shares, known),
        "kinds": bottom,
        "whole": whole,
        **known,
    }
    return Figure(name=name, weighted=weighted, **shown)


def _scale_of(above: Values, shares: bool, known: dict[str, Any]) -> Scale:
    """What a sum over a sum can be, by what it is summed from."""
    if known.get("better") == "zero" or np.any(above < 0):
        return "real"
    return "share" if shares and known.get("unit", "1") == "1" else "positive"


def mean_figure(name: str, values: ArrayLike, rows: ArrayLike, cases: int, **known: Any) -> Figure:
    """Mean of the finite values of M objects, with their quartiles unless all are yes or no.

    Args:
        name: of the figure.
        values: (M,); NaN is left out.
        rows: (M,) the case of each value.
        cases: N.
        known: further fields of `Figure`.
    """
    kept, of = finite(values, rows)
    sums = np.bincount(of, kept, minlength=cases)
    counts = np.bincount(of, minlength=cases).astype(float)
    spread = None if np.isin(kept, (0, 1)).all() else partial(_quartiles, kept, of, cases)
    return ratio_figure(name, sums, counts, **{"counts": counts, "quartiles": spread, **known})


def _quartiles(values: Values, rows: NDArray[np.intp], cases: int, weights: Values) -> Values:
    """(R, 3) first quartile, median and third one of (M,) values for (R, N) weights of cases."""
    order = np.argsort(values, kind="stable")
    objects = Ranked(values[order], rows[order], cases)
    return np.stack([objects.quantiles(weights, share) for share in (0.25, 0.5, 0.75)], axis=1)


def quantile_figure(
    name: str, values: ArrayLike, rows: ArrayLike, cases: int, *, share: float = 0.5, **known: Any
) -> Figure:
    """Quantile of the finite values of M objects; the median unless a share is given.

    Args:
        name: of the figure.
        values: (M,); NaN is left out.
        rows: (M,) the case of each value.
        cases: N.
        share: 0 to 1.
        known: further fields of `Figure`.
    """
    kept, of = finite(values, rows)
    order = np.argsort(kept, kind="stable")
    ranked, home = kept[order], of[order]
    quantile = Quantile(Ranked(ranked, home, cases), share)
    shown = {
        "quantile": quantile,
        "whole": True,
        "by_case": _quantile_of_each(ranked, home, cases, share),
        "counts": np.bincount(of, minlength=cases).astype(float),
        **known,
    }
    return Figure(name=name, weighted=quantile, **shown)


def finite(values: ArrayLike, rows: ArrayLike) -> tuple[Values, NDArray[np.intp]]:
    """The values that are numbers, and their cases."""
    flat, of = np.asarray(values, float).ravel(), np.asarray(rows, np.intp).ravel()
    kept = np.isfinite(flat)
    return flat[kept], of[kept]


def divided(above: Values, below: Values) -> Values:
    """Quotient; NaN where the divisor is 0."""
    return np.divide(above, below, out=np.full(np.shape(below), np.nan), where=below != 0)


def in_pieces(weights: Values, rows: NDArray[np.intp], function: Any) -> Values:
    """Call a function of (r, M) object weights for as many rows at a time as memory allows.

    Args:
        weights: (R, N) of cases.
        rows: (M,) the case of each object.
        function: (r, M) to (r,).
    """
    step = max(1, _AT_ONCE // max(len(rows), 1))
    parts = [function(weights[i : i + step][:, rows]) for i in range(0, len(weights), step)]
    return np.concatenate([np.zeros(0), *parts])


def quantiles(ranked: Values, weights: Values, share: float) -> Values:
    """(R,) quantiles of ascending values whose weights (R, M) say how often each occurs.

    Linear between neighbours, as numpy's default for the repeated values.
    """
    if not len(ranked):
        return np.full(len(weights), np.nan)
    reached = weights.cumsum(1)
    total = reached[:, -1]
    place = share * np.maximum(total - 1, 0)
    below = np.floor(place)
    low, high = (
        ranked[_first_beyond(reached, bound)] for bound in (below, np.minimum(below + 1, total - 1))
    )
    return np.where(total > 0, low + (place - below) * (high - low), np.nan)


def _first_beyond(reached: Values, bound: Values) -> NDArray[np.intp]:
    """(R,) first column whose running total exceeds a bound; the last one where none does."""
    rows = [
        np.searchsorted(one, limit, side="right") for one, limit in zip(reached, bound, strict=True)
    ]
    return np.minimum(np.array(rows, np.intp), reached.shape[1] - 1)


def _quantile_of_each(ranked: Values, home: NDArray[np.intp], cases: int, share: float) -> Values:
    found = np.full(cases, np.nan)
    values = ranked[np.argsort(home, kind="stable")]
    held, counts = np.unique(home, return_counts=True)
    first = np.cumsum(counts) - counts
    place = share * (counts - 1)
    below = np.floor(place).astype(int)
    low, high = values[first + below], values[first + np.minimum(below + 1, counts - 1)]
    found[held] = low + (place - below) * (high - low)
    return found
