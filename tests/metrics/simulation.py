"""Repeated draws of clustered patients, to see how often a conformal bound holds."""

import numpy as np

from polyclinic.metrics.conformal import patient_quantile

PATIENT_SD, IMAGE_SD = 1.0, 0.7


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
