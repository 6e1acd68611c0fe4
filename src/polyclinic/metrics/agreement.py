"""How far two ways of measuring the same thing lie apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from polyclinic.errors import DataError


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Difference of found from true values, in their unit.

    Args:
        n: pairs with both values.
        mae: mean absolute difference.
        bias: mean difference, found - true.
        lower_limit, upper_limit: limits of agreement, bias -+ 1.96 standard deviations (n - 1).

    Figures that n does not allow are None: all of them at 0, the limits at 1.
    """

    n: int
    mae: float | None
    bias: float | None
    lower_limit: float | None
    upper_limit: float | None


def agreement(found: ArrayLike, true: ArrayLike) -> Agreement:
    """Compare (N,) found with (N,) true values; pairs with a NaN on either side are left out.

    Source: Bland and Altman, Lancet 1986; 327:307-310.

    Raises:
        DataError: the two are not of the same length.
    """
    left, right = np.asarray(found, float), np.asarray(true, float)
    if left.ndim != 1 or left.shape != right.shape:
        raise DataError(
            f"found values have shape {left.shape}, true ones {right.shape}",
            expected="two lists of the same length",
        )
    both = np.isfinite(left) & np.isfinite(right)
    difference = left[both] - right[both]
    n = len(difference)
    if not n:
        return Agreement(n=0, mae=None, bias=None, lower_limit=None, upper_limit=None)
    bias = float(difference.mean())
    reach = 1.96 * float(difference.std(ddof=1)) if n > 1 else None
    return Agreement(
        n=n,
        mae=float(np.abs(difference).mean()),
        bias=bias,
        lower_limit=None if reach is None else bias - reach,
        upper_limit=None if reach is None else bias + reach,
    )
