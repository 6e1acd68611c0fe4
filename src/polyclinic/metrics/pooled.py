"""Statistics of what several cases contribute, pooled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def ratio(parts: Sequence[tuple[float, float]]) -> float | None:
    """Sum of numerators over sum of denominators (micro average); None where that is 0."""
    above, below = sum(a for a, _ in parts), sum(b for _, b in parts)
    return above / below if below else None


def median(parts: Sequence[Values]) -> float | None:
    """Median of all finite values of several arrays; None where there is none."""
    values = _finite(parts)
    return float(np.median(values)) if len(values) else None


def mean(parts: Sequence[Values]) -> float | None:
    """Mean of all finite values of several arrays; None where there is none."""
    values = _finite(parts)
    return float(values.mean()) if len(values) else None


def _finite(parts: Sequence[Values]) -> Values:
    values = np.concatenate([np.zeros(0), *(np.ravel(part) for part in parts)])
    return values[np.isfinite(values)]
