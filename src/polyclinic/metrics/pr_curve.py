"""Precision against recall of found instances, whatever their class."""

from __future__ import annotations

import numpy as np

from polyclinic.metrics.detect.finds import Finds, up_to
from polyclinic.metrics.figure import Values
from polyclinic.metrics.pooled import divided


def precision_at(finds: Finds, weights: Values, recalls: Values) -> Values:
    """Best precision of the scores that reach a recall; 0 where none does.

    Scores that accept nothing under the weights have no precision and are passed over. Finds in
    crowd regions do not count.

    Args:
        finds: of N cases, every candidate (`match_cases(..., min_score=0)`).
        weights: (N,).
        recalls: (G,) 0 to 1.

    Returns:
        (G,); NaN where nothing is annotated.
    """
    hits, false = (one[0, 1:] for one in up_to(finds, weights[None]))
    true = float(weights @ finds.annotated)
    if not true:
        return np.full(len(recalls), np.nan)
    best = np.fmax.accumulate(divided(hits, hits + false)[::-1])[::-1]
    place = np.searchsorted(hits / true, recalls - 1e-12, side="left")
    return np.append(np.nan_to_num(best), 0.0)[place]
