"""Class probabilities of hits beside the annotated classes, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.figure import Values
from polyclinic.metrics.matching import MatchedCase


@dataclass(frozen=True, eq=False, kw_only=True)
class HitClasses:
    """M hits whose class is annotated and read with probabilities.

    Args:
        rows: (M,) which of the matched cases each is in.
        true: (M,) annotated class.
        probabilities: (M, C), each row adding up to 1.
    """

    rows: NDArray[np.intp]
    true: NDArray[np.intp]
    probabilities: Values


def hit_classes(matched: Sequence[MatchedCase]) -> HitClasses | None:
    """Gather hits; None where no reading states probabilities of several classes."""
    found = [
        (row, true.category, read.probabilities)
        for row, one in enumerate(matched)
        for true, read in one.pairs
        if true.category is not None
        and read.probabilities is not None
        and len(read.probabilities) > 1
        and read.probabilities.sum() > 0
    ]
    if not found:
        return None
    rows, true, shares = zip(*found, strict=True)
    stated = np.array(shares, float)
    return HitClasses(
        rows=np.array(rows, np.intp),
        true=np.array(true, np.intp),
        probabilities=stated / stated.sum(1, keepdims=True),
    )
