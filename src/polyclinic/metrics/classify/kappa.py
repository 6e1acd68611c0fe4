"""Agreement beyond chance, all errors alike or the worse the farther apart the grades."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from polyclinic.metrics.figure import Values
from polyclinic.metrics.pooled import divided


def cohen_kappa(counts: Values) -> Values:
    """(R,) agreement beyond chance; NaN where both sides are the same constant.

    Args:
        counts: (R, C, C + 1) of `counted`.

    Source: Cohen, Educational and Psychological Measurement 1960; 20:37-46.
    """
    classes, answers = counts.shape[1:]
    return _kappa(counts, 1 - np.eye(classes, answers))


def quadratic_kappa(counts: Values, grades: ArrayLike) -> Values:
    """(R,) agreement beyond chance, an error weighing the squared distance of its grades.

    No answer weighs what the grade farthest from the annotated one would.

    Args:
        counts: (R, C, C + 1) of `counted`.
        grades: (C,) the number that each class stands for.

    Source: Cohen, Psychological Bulletin 1968; 70:213-220.
    """
    return _kappa(counts, grade_distances(grades) ** 2)


def grade_distances(grades: ArrayLike) -> Values:
    """(C, C + 1) distance of each grade from each answer; no answer is as far as any can be."""
    values = np.asarray(grades, float)
    distances = np.abs(values[:, None] - values)
    return np.column_stack([distances, distances.max(1)])


def _kappa(counts: Values, disagreement: Values) -> Values:
    truth, said, total = counts.sum(2), counts.sum(1), counts.sum((1, 2))
    by_chance = np.einsum("ri,ij,rj->r", truth, disagreement, said)
    observed = (counts * disagreement).sum((1, 2)) * total
    return 1 - divided(observed, by_chance)
