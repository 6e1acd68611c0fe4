"""Measured pairs with given errors."""

import numpy as np

from polyclinic.metrics.measured import MeasuredPairs


def pairs(errors, *, true=10.0, rows=None, reach=np.nan, doubt=np.nan, **known):
    """Values read `errors` above the true ones, one a case unless `rows` are given."""
    error = np.asarray(errors, float)
    found = true + error
    return MeasuredPairs(
        **{"name": "width", "unit": "um", **known},
        rows=np.arange(len(error)) if rows is None else np.asarray(rows, np.intp),
        instance=np.zeros(len(error), np.intp),
        found=found,
        true=np.broadcast_to(true, error.shape),
        lower=found - reach,
        upper=found + reach,
        doubt=np.broadcast_to(doubt, error.shape).astype(float),
    )
