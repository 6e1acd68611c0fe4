"""How far a reader's measurements err on patients that nothing was chosen by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from polyclinic.console import note
from polyclinic.data import Cohort
from polyclinic.metrics.case import Case
from polyclinic.metrics.classify.temperature import fit_temperature, hit_classes
from polyclinic.metrics.matching import match_cases
from polyclinic.metrics.measured import truth_reading
from polyclinic.metrics.refusal import Refusal
from polyclinic.reading import Measurement, Reading
from polyclinic.recipes.judge import read_cases
from polyclinic.runtime.calibration import FILE, Calibration, Measure

if TYPE_CHECKING:  # stored readings are judged without torch
    from polyclinic.runtime.reads import BaseReader

Fold = NDArray[np.intp]


def calibrate(
    run: Path, reader: BaseReader, cohort: Cohort, rows: Sequence[int], console: Console
) -> None:
    """Read the calibration part, and store what it shows as `calibration.json` of the run.

    Args:
        run: its folder.
        reader: of the run.
        cohort: the data set.
        rows: of the calibration part.
        console: where to report.
    """
    learn_from(
        run, read_cases(reader, cohort, rows), reader.measurer.measure, reader.accept, console
    )


def learn_from(
    run: Path, cases: Sequence[Case], measure: Measure, accept: float, console: Console
) -> None:
    """Store as `calibration.json` what readings of patients unseen by their reader show."""
    kept = [(sample, reading.accepted(accept)) for sample, reading in cases]
    measured = measured_cases(kept, measure, accept)
    found = Calibration.learn(
        measured, truths(measured, measure), accept, temperature=temperature_of(measured)
    )
    found.write(run / FILE)
    stated = [one for one in found.intervals if one.reach is not None]
    console.print(
        f"calibrated on {found.patients} patients: intervals for {len(stated)} of "
        f"{len(found.intervals)} measurements"
    )
    for reason in dict.fromkeys(one.reason for one in found.intervals if one.reason):
        console.print(note(f"no interval: {reason}"))


def measured_cases(cases: Sequence[Case], measure: Measure, accept: float) -> list[Case]:
    """Cases measured as a calibrated reader will: nothing is made of what it will refuse.

    Args:
        cases: with accepted instances, none of them refused so far, measured or not.
        measure: from a reading to its measurements.
        accept: the score from which on an instance counts.
    """
    refusal = Refusal.learn(cases, accept)
    marked = [(sample, refusal.mark(reading, accept)) for sample, reading in cases]
    return [
        (sample, one)
        if one.measurements and not any(found.refused for found in one.instances or ())
        else (sample, one.with_measurements(measure(one)))
        for sample, one in marked
    ]


def temperature_of(cases: Sequence[Case]) -> float | None:
    """What logits of the classes of hits are to be divided by; None without probabilities."""
    hits = hit_classes(match_cases(cases, by_class=False, min_score=0.0))
    return None if hits is None else fit_temperature(hits.probabilities, hits.true)


def truths(cases: Sequence[Case], measure: Measure) -> list[tuple[Measurement, ...]]:
    """Each annotation measured by the same formula as its reading.

    That of an image which could not be read is measured as those of the others are, at its own
    scale, so that what is missing can be counted.
    """
    said = next((reading for _, reading in cases if reading.error is None), None)
    return [() if said is None else measure(_truth(case, said)) for case in cases]


def _truth(case: Case, said: Reading) -> Reading:
    sample, reading = case
    if reading.error is not None:
        return truth_reading(sample, said.classes, said.landmark_schema)
    known = replace(sample, spacing=reading.spacing)
    return truth_reading(known, reading.classes, reading.landmark_schema)


def calibrated_folds(cases: Sequence[Case], folds: Fold, measure: Measure) -> list[Case]:
    """Out-of-fold cases with intervals: those of each fold are learnt from all others.

    Args:
        cases: N reported cases, each read by the reader that has not seen it.
        folds: (N,) the fold of each case.
        measure: from a reading to its measurements.
    """
    known = {int(fold): _without(cases, folds, fold, measure) for fold in np.unique(folds)}
    return [
        (sample, known[int(fold)].measured(reading, measure))
        for (sample, reading), fold in zip(cases, folds, strict=True)
    ]


def _without(cases: Sequence[Case], folds: Fold, fold: int, measure: Measure) -> Calibration:
    others = [case for case, home in zip(cases, folds, strict=True) if home != fold]
    measured = measured_cases(others, measure, accept=0.0)
    return Calibration.learn(measured, truths(measured, measure), accept=0.0)
