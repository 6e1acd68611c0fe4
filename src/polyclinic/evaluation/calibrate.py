"""Intervals and refusal learnt from annotated patients of another data set."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from polyclinic.atomic import write_json
from polyclinic.data import open_cohort
from polyclinic.data.raters import settled
from polyclinic.errors import DataError
from polyclinic.evaluation.leaks import seen_before
from polyclinic.evaluation.opening import REFERENCE, reference_of
from polyclinic.runs.calibrate import calibrate as learn
from polyclinic.runs.fingerprints import FILE, Fingerprints
from polyclinic.runs.load import load
from polyclinic.training.run_directory import RunDirectory


def calibrate(
    run: str | Path,
    data: str | Path,
    console: Console | None = None,
    *,
    reference: str | None = None,
) -> None:
    """Read annotated patients that the run knows nothing of, and learn how far it errs on them.

    What an earlier calibration had learnt is replaced. The images are remembered, so that they
    are named when somebody judges the run on them.

    Args:
        run: run directory, or that of a cross-validation.
        data: annotated images.
        console: where to report; None is silent.
        reference: what counts where several raters annotated one image; unless given, what the run
            was taught by.

    Raises:
        RunError: the run can't be used.
        DataError: the run has seen some of the images or patients, or several raters annotated
            an image and nobody says what counts.
    """
    path = Path(run)
    cohort = settled(open_cohort(data), reference or reference_of(path), REFERENCE)
    known = Fingerprints.of_run(path)
    patient = RunDirectory.existing(path).config()["data"]["patient"]
    seen = () if known is None else seen_before(known.without("calibration"), cohort, patient)
    if seen:
        raise DataError(
            f"{len(seen)} images are known to the run, e.g. {seen[0]}",
            expected="patients that neither training nor evaluation has seen",
            where=cohort.name,
            hint="leave them out; to set patients aside beforehand give data.split a fourth share",
        )
    learn(path, load(path), cohort, range(len(cohort)), console or Console(quiet=True))
    if known is not None:
        write_json(known.calibrated_on(cohort).to_json(), path / FILE, indent=1)
