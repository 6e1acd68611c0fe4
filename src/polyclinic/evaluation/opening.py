"""From what a user names to a subject."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from polyclinic.console import ProgressCallback
from polyclinic.data import Cohort
from polyclinic.data.raters import images_once
from polyclinic.errors import ConfigError
from polyclinic.evaluation.collection import paused_collection
from polyclinic.evaluation.subject import Part, Subject
from polyclinic.reading.coco import common_values
from polyclinic.runtime.stored import pair_with, read_stored
from polyclinic.runtime.stored.read import FILE

REFERENCE = "--reference "
"""How it is stated which of several raters' annotations count."""


def open_subject(
    path: Path,
    cohort: Cohort,
    *,
    part: Part | None = None,
    accept: float | None = None,
    told: ProgressCallback | None = None,
) -> Subject:
    """Read a cohort, or take what was read of it.

    Args:
        path: run directory, directory of a cross-validation, or a file of readings.
        cohort: the annotated images.
        part: of the run's own data; see `read_run`.
        accept: the score from which on a candidate counts as found, instead of the run's or the
            file's.
        told: called with images done and images in all.

    Raises:
        RunError: the run can't be used.
        DataError: the data hold nothing to judge on, or have other classes.
        ConfigError: `part` or `accept` can't be what they are.
    """
    if accept is not None and not 0 <= accept <= 1:
        raise ConfigError(f"accept is {accept}", expected="0 to 1", where="--accept")
    if is_stored(path):
        subject = _stored(path, cohort, part)
    else:
        from polyclinic.evaluation.runs import read_run  # with torch, which takes 0.7 GB

        subject = read_run(path, cohort, part, told)
    return subject if accept is None else replace(subject, accept=accept)


def reference_of(path: Path) -> str | None:
    """Which of several raters' annotations taught a run; None for stored readings.

    Raises:
        RunError: it is no run.
    """
    if is_stored(path):
        return None
    from polyclinic.training.run_directory import RunDirectory  # with torch

    stated = RunDirectory.existing(path).config().get("data", {}).get("reference")
    return None if stated is None else str(stated)


def is_stored(path: Path) -> bool:
    """Whether a path names readings; a run directory stays a run, whatever was read into it."""
    return path.is_file() or ((path / FILE).is_file() and not (path / "config.yaml").is_file())


def _stored(path: Path, cohort: Cohort, part: Part | None) -> Subject:
    if part not in (None, "all"):
        raise ConfigError(
            "stored readings have no parts", where="--part", hint="give --data the images meant"
        )
    with paused_collection():
        stored = read_stored(path, images_once(cohort))
        cases = pair_with(cohort, stored.readings)
    made = next((reading.provenance for _, reading in cases if not reading.error), {})
    return Subject(
        name=path.name,
        path=path,
        part="all",
        cases=cases,
        accept=stored.accept,
        provenance=common_values([made]),
    )
