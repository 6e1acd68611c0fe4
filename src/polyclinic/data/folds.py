"""Cross-validation folds, apart by patient."""

from __future__ import annotations

from polyclinic.data.audit import hash_images
from polyclinic.data.cohort import Cohort
from polyclinic.data.dealing import deal
from polyclinic.data.patients import Grouping, group_patients
from polyclinic.data.split import Split, make_split, unused_split
from polyclinic.errors import ConfigError, DataError

_VALIDATION_SHARE = 0.15


def fold_cohort(
    cohort: Cohort, folds: int, *, seed: int = 0, patient: Grouping = "auto"
) -> tuple[Split, ...]:
    """Deal patients into folds; each is the test part of one split.

    The patients outside the fold are dealt again into training and validation.

    Raises:
        ConfigError: fewer than two folds.
        DataError: fewer patients than folds, or too few to leave some for validation.
    """
    if folds < 2:
        raise ConfigError(f"there are {folds} folds", expected="2 or more")
    patients = group_patients(cohort, patient).noting(unused_split(cohort, "--folds"))
    needed = max(folds, 4)
    if len(patients) < needed:
        raise DataError(
            f"there are {len(patients)} patients for {folds} folds",
            expected=f"{needed} or more",
            hint=patients.message,
        )
    appearances = hash_images(cohort)
    splits = []
    strata, marks = patients.strata, patients.marks
    for test in deal(list(patients.members), strata, (1.0,) * folds, seed, marks):
        others = [name for name in patients.members if name not in test]
        shares = (1 - _VALIDATION_SHARE, _VALIDATION_SHARE)
        train, val = deal(others, strata, shares, seed, marks)
        parts = {
            part: patients.rows(names)
            for part, names in (("train", train), ("val", val), ("test", test))
        }
        splits.append(make_split(cohort, patients, parts, appearances))
    return tuple(splits)
