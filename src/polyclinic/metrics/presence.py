"""Whether an image holds a class at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from polyclinic.errors import DataError, nearest
from polyclinic.metrics.case import (
    Case,
    annotated,
    class_names,
    found,
    instance_cases,
    score_of,
)


@dataclass(frozen=True, kw_only=True)
class Presence:
    """Image-level finding of one class.

    Args:
        name: the class.
        true_positive, false_negative, true_negative, false_positive: numbers of images.
        sensitivity: share of images with the class in which it was read; None without such.
        specificity: share of images without the class in which it was not read; None without.
    """

    name: str
    true_positive: int
    false_negative: int
    true_negative: int
    false_positive: int
    sensitivity: float | None
    specificity: float | None


def presence(cases: Sequence[Case], name: str, *, min_score: float = 0.5) -> Presence:
    """Count images in which at least one instance of a class is annotated, and is read.

    An image counts as read positive when one found instance of the class has `min_score`.

    Raises:
        DataError: the readings know no such class.
    """
    kept = instance_cases(cases)
    classes = class_names(kept)
    if kept and name not in classes:
        raise DataError(f"no class is named {name!r}", hint=nearest(name, classes))
    counts = {(truth, read): 0 for truth in (True, False) for read in (True, False)}
    for case in kept:
        index = classes.index(name)
        truth = any(one.category == index for one in annotated(case))
        read = any(one.category == index and score_of(one) >= min_score for one in found(case))
        counts[truth, read] += 1
    positives = counts[True, True] + counts[True, False]
    negatives = counts[False, True] + counts[False, False]
    return Presence(
        name=name,
        true_positive=counts[True, True],
        false_negative=counts[True, False],
        true_negative=counts[False, False],
        false_positive=counts[False, True],
        sensitivity=counts[True, True] / positives if positives else None,
        specificity=counts[False, False] / negatives if negatives else None,
    )
