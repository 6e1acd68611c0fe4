"""Two lines that face each other: the gap between them along x, and the shortest way across.

A line is (S, 2, 2): S segments, their two ends, each (x, height).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def segments(line: Values) -> Values:
    """The segments between neighbours of (P, 2) points."""
    return np.stack([line[:-1], line[1:]], axis=1)


def within(line: Values, low: float, high: float) -> Values:
    """The parts of a line whose x lies between two limits."""
    x = line[..., 0]
    kept = line[(x.max(1) >= low) & (x.min(1) <= high)]
    cut = kept[..., 0].clip(low, high)
    return np.stack([cut, _heights(kept, cut, upright=np.array([0.0, 1.0]))], axis=-1)


def gaps(upper: Values, lower: Values, x: Values) -> Values:
    """How far the upper line lies above the lower one.

    Where a line has several heights at one x, those that are nearest the other line count.

    Args:
        upper: a line.
        lower: the other one.
        x: (P,) places.

    Returns:
        (P,) less than 0 where the lines have changed places; NaN where either has no point.
    """
    low = _spanning(upper, x, np.inf).min(axis=(0, 1), initial=np.inf)
    high = _spanning(lower, x, -np.inf).max(axis=(0, 1), initial=-np.inf)
    gap = low - high
    return np.where(np.isfinite(gap), gap, np.nan)


def _spanning(line: Values, x: Values, nothing: float) -> Values:
    """(2, S, P) heights of segments at x, by either end of upright ones, or `nothing` beside."""
    places = np.broadcast_to(x, (len(line), len(x)))
    ends = line[..., 0]
    spans = (ends.min(1, keepdims=True) <= places) & (places <= ends.max(1, keepdims=True))
    both = [_heights(line, places, upright=np.array(end)) for end in (0.0, 1.0)]
    return np.where(spans, np.stack(both), nothing)


def _heights(line: Values, x: Values, *, upright: Values) -> Values:
    """(S, P) heights of segments at (S, P) x; `upright` is the share to go along upright ones."""
    start, end = line[:, :1], line[:, 1:]
    run = np.broadcast_to(end[..., 0] - start[..., 0], x.shape)
    share = np.broadcast_to(upright, x.shape).copy()
    np.divide(x - start[..., 0], run, out=share, where=run != 0)
    return np.asarray(start[..., 1] + share * (end[..., 1] - start[..., 1]))


def nearest(upper: Values, lower: Values) -> float:
    """Distance of two lines that don't cross; infinite where either is empty.

    It is then that of an end of one from a segment of the other.
    """
    return min(_from_ends(upper, lower), _from_ends(lower, upper))


def _from_ends(one: Values, other: Values) -> float:
    ends = one.reshape(-1, 1, 2)
    start, step = other[:, 0], other[:, 1] - other[:, 0]
    along = ((ends - start) * step).sum(-1)
    squared = np.broadcast_to((step**2).sum(-1), along.shape)
    share = np.divide(along, squared, out=np.zeros(along.shape), where=squared > 0).clip(0, 1)
    distances = np.linalg.norm(ends - start - share[..., None] * step, axis=-1)
    return float(distances.min(initial=np.inf))
