"""How far a reader's measurements err on patients that nothing was chosen by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from polyclinic.data import Cohort
from polyclinic.metrics.figure import Figure
from polyclinic.metrics.judges.measured import measured_figures
from polyclinic.metrics.measured import MeasuredPairs, measured_pairs, truth_reading
from polyclinic.reading import Measurement
from polyclinic.recipes.judge import Told, read_cases
from polyclinic.runtime.calibration import FILE, Calibration
from polyclinic.runtime.reads import Measure, Reads
from polyclinic.tasks import Case

Fold = NDArray[np.intp]


def calibrate(
    run: Path, reader: Reads, cohort: Cohort, rows: Sequence[int], told: Told | None = None
) -> Calibration:
    """Read the calibration part, and store what it shows as `calibration.json` of the run."""
    cases = [_reported(case, reader) for case in read_cases(reader, cohort, rows, told)]
    found = Calibration.learn(cases, truths(cases, reader.measure), reader.accept)
    found.write(run / FILE)
    return found


def _reported(case: Case, reader: Reads) -> Case:
    sample, reading = case
    kept = reading.accepted(reader.accept)
    return sample, kept.with_measurements(reader.measure(kept))


def truths(cases: Sequence[Case], measure: Measure) -> list[tuple[Measurement, ...]]:
    """Each annotation measured by the same formula as its reading; nothing where none was read."""
    return [
        ()
        if reading.error is not None
        else measure(
            truth_reading(
                replace(sample, spacing=reading.spacing), reading.classes, reading.landmark_schema
            )
        )
        for sample, reading in cases
    ]


def pairs_of(
    cases: Sequence[Case], measure: Measure
) -> tuple[list[MeasuredPairs], list[Figure]]:
    """Measurements of reported cases beside those of the annotations, and their figures."""
    pairs = measured_pairs(cases, truths(cases, measure), accept=0.0)
    return pairs, measured_figures(pairs, len(cases))


def calibrated_folds(cases: Sequence[Case], folds: Fold, measure: Measure) -> list[Case]:
    """Out-of-fold cases with intervals: those of each fold are learnt from all others.

    Args:
        cases: N reported cases, each read by the reader that has not seen it.
        folds: (N,) the fold of each case.
        measure: from a reading to its measurements.
    """
    known = {int(fold): _without(cases, folds, fold, measure) for fold in np.unique(folds)}
    return [
        (sample, known[int(fold)].apply(reading))
        for (sample, reading), fold in zip(cases, folds, strict=True)
    ]


def _without(
    cases: Sequence[Case], folds: Fold, fold: int, measure: Callable[..., tuple[Measurement, ...]]
) -> Calibration:
    others = [case for case, home in zip(cases, folds, strict=True) if home != fold]
    return Calibration.learn(others, truths(others, measure), accept=0.0)
