"""Repeated draws of clustered patients, to see how often an interval holds the truth."""

import numpy as np

from polyclinic.metrics.bootstrap import patient_intervals
from polyclinic.metrics.conformal import patient_quantile
from polyclinic.metrics.pooled import mean_figure, quantile_figure, ratio_figure

PATIENT_SD, IMAGE_SD = 1.0, 0.7
TOTAL_SD = float(np.hypot(PATIENT_SD, IMAGE_SD))
LAYOUTS = 8


def layout(random, patients):
    """(N,) the patient of each image; 1 to 8 images a patient."""
    return np.repeat(np.arange(patients), random.integers(1, 9, patients))


def values(random, of, sets):
    """(sets, N) values around 0; those of one patient resemble each other."""
    effect = random.normal(0, PATIENT_SD, (sets, of.max() + 1))
    return effect[:, of] + random.normal(0, IMAGE_SD, (sets, len(of)))


def errors(random, of, sets):
    """(sets, N) absolute values of those: skewed as errors are."""
    return np.abs(values(random, of, sets))


def squares(random, of, sets):
    """(sets, N) squares of those: much skewed."""
    return values(random, of, sets) ** 2


def shares(random, of, sets):
    """(sets, 2, N) hits and objects of each image; 80 % hits, more in some patients."""
    chance = random.beta(4, 1, (sets, of.max() + 1))[:, of]
    objects = 1 + random.poisson(4, chance.shape)
    return np.stack([random.binomial(objects, chance), objects], 1).astype(float)


def mean(one):
    """A mean over images."""
    return mean_figure("mean", one, np.arange(len(one)), len(one)).weighted


def median(one):
    """A median over images."""
    return quantile_figure("median", one, np.arange(len(one)), len(one)).weighted


def ratio(one):
    """Hits over objects."""
    return ratio_figure("ratio", *one).weighted


FIGURES = {
    "mean": (mean, values, 0.0),
    "median": (median, values, 0.0),
    "ratio": (ratio, shares, 0.8),
    "mean of errors": (mean, errors, TOTAL_SD * np.sqrt(2 / np.pi)),
    "mean of squares": (mean, squares, TOTAL_SD**2),
}
"""Figure of a data set, how data sets are drawn, and the true figure."""


def interval_coverage(kind, patients, *, sets, draws=1000, by_patient=True):
    """Share of data sets whose bootstrap interval holds the truth.

    Data sets of one layout share their bootstrap draws, which takes a tenth of the time.

    Args:
        kind: of `FIGURES`.
        patients: in each data set.
        sets: data sets in all, spread over `LAYOUTS` layouts.
        draws: of the bootstrap.
        by_patient: draw patients; else images, as if they were independent.
    """
    figure_of, draw, truth = FIGURES[kind]
    random = np.random.default_rng(patients)
    held = []
    for seed in range(LAYOUTS):
        of = layout(random, patients)
        figures = [figure_of(one) for one in draw(random, of, sets // LAYOUTS)]
        grouping = of if by_patient else np.arange(len(of))
        intervals = patient_intervals(figures, grouping, draws=[draws] * len(figures), seed=seed)
        held += [one.lower <= truth <= one.upper for one in intervals]
    return float(np.mean(held))


def shifted(random, patients):
    """(M,) patients and (M,) absolute errors: each patient is off by an amount of their own."""
    of = layout(random, patients)
    return of, errors(random, of, 1)[0]


def frequent(random, patients):
    """The same where one patient of ten comes often, has 60 images, and is read well."""
    often = random.random(patients) < 0.1
    of = np.repeat(np.arange(patients), np.where(often, 60, 2))
    return of, np.where(often, 0.3, 1.0)[of] * errors(random, of, 1)[0]


def conformal_coverage(draw, patients, *, sets, by_patient=True):
    """Mean share of a new patient's values that the bound of the others holds.

    Args:
        draw: one data set.
        patients: of the calibration.
        sets: how many data sets.
        by_patient: calibrate patient by patient; else image by image, as if independent.
    """
    random = np.random.default_rng(patients)
    held = []
    for _ in range(sets):
        of, error = draw(random, patients + 1)
        new = of == patients
        homes = of[~new] if by_patient else np.arange((~new).sum())
        held.append(np.mean(error[new] <= patient_quantile(error[~new], homes)))
    return float(np.mean(held))
