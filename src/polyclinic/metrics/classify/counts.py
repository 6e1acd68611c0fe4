"""What was annotated against what was said, counted, and agreement beyond chance.

Counts are (R, C, C + 1): annotated class by said class, and last those that got no answer, which
are wrong whatever they are. The figures below take counts and give (R,).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polyclinic.metrics.classify.proper import mean_of_known
from polyclinic.metrics.figure import Values
from polyclinic.metrics.pooled import divided


def top_class(probabilities: Values) -> tuple[NDArray[np.intp], Values]:
    """(M,) the likeliest class, of equals the first, and (M,) its probability.

    A row with an unknown probability has class -1 and probability NaN.

    Args:
        probabilities: (M, C), C at least 1.
    """
    unknown = np.isnan(probabilities).any(1)
    said = np.where(unknown, -1, probabilities.argmax(1))
    return said, np.where(unknown, np.nan, probabilities.max(1))


def counted(
    true: NDArray[np.integer], said: NDArray[np.integer], weights: Values, *, classes: int
) -> Values:
    """(R, C, C + 1) counts.

    Args:
        true: (M,) 0 ... C - 1.
        said: (M,) 0 ... C - 1; C where no answer was given; -1 where it is unknown what was
            said, which makes the counts of all weights that hold the object NaN.
        weights: (R, M).
        classes: C.
    """
    cell = true * (classes + 1) + np.maximum(said, 0)
    held = (cell[:, None] == np.arange(classes * (classes + 1))).astype(float)
    counts = weights @ held
    counts[(weights[:, said < 0] > 0).any(1)] = np.nan
    return counts.reshape(-1, classes, classes + 1)


def always_commonest(counts: Values) -> Values:
    """The counts of a reader who always answers the class that is annotated most often."""
    truth = counts.sum(2)
    constant = np.zeros_like(counts)
    answer = truth.argmax(1)
    constant[np.arange(len(counts)), :, answer] = truth
    return constant


def accuracy(counts: Values) -> Values:
    """Share of right answers; NaN where nothing counts."""
    return divided(_right(counts).sum(1), counts.sum((1, 2)))


def recalls(counts: Values) -> Values:
    """(R, C) share of each class that was recognised; NaN for a class that does not occur."""
    return divided(_right(counts), counts.sum(2))


def sensitivity(counts: Values) -> Values:
    """Share of class 1 that was recognised."""
    return recalls(counts)[:, 1]


def specificity(counts: Values) -> Values:
    """Share of class 0 that was recognised."""
    return recalls(counts)[:, 0]


def positive_predictive_value(counts: Values) -> Values:
    """Share of those called class 1 that are so; NaN where none is called."""
    return divided(counts[:, 1, 1], counts[:, :, 1].sum(1))


def negative_predictive_value(counts: Values) -> Values:
    """Share of those called class 0 that are so; NaN where none is called."""
    return divided(counts[:, 0, 0], counts[:, :, 0].sum(1))


def balanced_accuracy(counts: Values) -> Values:
    """Mean recall of the classes that occur; NaN where fewer than two do."""
    each = recalls(counts)
    return np.where(_occurring(each) > 1, mean_of_known(each), np.nan)


def g_mean(counts: Values) -> Values:
    """Geometric mean of the recalls of the classes that occur; NaN where fewer than two do.

    Source: Kubat and Matwin, ICML 1997: 179-186, for two classes.
    """
    each = recalls(counts)
    number = _occurring(each)
    product = np.where(np.isnan(each), 1.0, each).prod(1)
    return np.where(number > 1, product ** (1 / np.maximum(number, 1)), np.nan)


def f1_scores(counts: Values) -> Values:
    """(R, C) 2 hits / (annotated + said) of each class; NaN where it is neither."""
    said = counts.sum(1)[:, : counts.shape[1]]
    return divided(2 * _right(counts), counts.sum(2) + said)


def f1(counts: Values) -> Values:
    """F1 of class 1."""
    return f1_scores(counts)[:, 1]


def macro_f1(counts: Values) -> Values:
    """Mean F1 of the classes that were annotated or said."""
    return mean_of_known(f1_scores(counts))


def matthews(counts: Values) -> Values:
    """Matthews correlation, for any number of classes; NaN where one side is constant.

    Source: Gorodkin, Computational Biology and Chemistry 2004; 28:367-374, equation 8.
    """
    truth, said, total = counts.sum(2), counts.sum(1), counts.sum((1, 2))
    together = (truth * said[:, : truth.shape[1]]).sum(1)
    above = _right(counts).sum(1) * total - together
    spread = (total**2 - (truth**2).sum(1)) * (total**2 - (said**2).sum(1))
    return divided(above, np.sqrt(np.maximum(spread, 0)))


def _right(counts: Values) -> Values:
    return np.diagonal(counts, axis1=1, axis2=2)


def _occurring(each: Values) -> NDArray[np.intp]:
    return (~np.isnan(each)).sum(1)


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
