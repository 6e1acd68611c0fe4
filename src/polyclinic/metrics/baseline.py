"""What a constant answer would reach; a reader must do better to be of use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from polyclinic.metrics.agreement import Agreement, agreement


def majority_accuracy(
    true: Sequence[Hashable], known: Sequence[Hashable] | None = None
) -> float | None:
    """Accuracy of answering the commonest class every time.

    Args:
        true: classes to be answered.
        known: classes that the constant is learnt from, e.g. those of the training images; None
            learns it from `true` itself, which is the hardest constant to beat.

    Returns:
        0 to 1; None when there is nothing to answer or to learn from.
    """
    source = true if known is None else known
    if not true or not source:
        return None
    answer = Counter(source).most_common(1)[0][0]
    return sum(one == answer for one in true) / len(true)


def median_agreement(true: ArrayLike, known: ArrayLike | None = None) -> Agreement:
    """Agreement of answering the median every time, in the unit of the values.

    Args:
        true: (N,) values to be answered; NaN is left out.
        known: (M,) values that the median is learnt from; None learns it from `true`.
    """
    values = np.asarray(true, float)
    source = values if known is None else np.asarray(known, float)
    finite = source[np.isfinite(source)]
    answer = float(np.median(finite)) if len(finite) else np.nan
    return agreement(np.full(values.shape, answer), values)
