"""Findings and quality as tables: those that `findings.csv` and its neighbours hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polyclinic.atomic import write_text
from polyclinic.reading.csv_cells import csv_text
from polyclinic.reading.pooled_findings import Findings, pool_tasks, readings_by_patient
from polyclinic.reading.reading import Reading
from polyclinic.reading.table import joined_flags

if TYPE_CHECKING:
    import pandas as pd

FINDINGS = ("image", "patient_id", "finding", "value", "probability", "flag")
QUALITY = ("image", "patient_id", "quality", "value", "flag")
PATIENTS = ("patient_id", "images", "finding", "value", "probability")


def finding_table(readings: Iterable[Reading]) -> pd.DataFrame:
    """One row a value of a finding of an image, with its probability.

    An image that could not be read keeps one row without a finding, flagged `error: why`.

    Returns:
        A frame with the columns `FINDINGS`. `image` is the file, or the id where no file is known.
    """
    rows = [row for reading in readings for row in _finding_rows(reading)]
    return _frame(rows, FINDINGS, probability="float64")


def quality_table(readings: Iterable[Reading]) -> pd.DataFrame:
    """One row a number of quality of an image, under its name, with the flags of the image.

    An image that could not be read keeps one row without a name, flagged `error: why`.

    Returns:
        A frame with the columns `QUALITY`.
    """
    rows = [row for reading in readings for row in _quality_rows(reading)]
    return _frame(rows, QUALITY, value="float64")


def patient_table(readings: Iterable[Reading]) -> pd.DataFrame:
    """One row a value of a finding of a patient, pooled over images (`pooled_findings`).

    Images that could not be read and those without a patient have no part in it.

    Returns:
        A frame with the columns `PATIENTS`; `images` counts those that state the finding.
    """
    stated = {
        patient: [one.findings for one in some]
        for patient, some in readings_by_patient(readings).items()
    }
    return pooled_table(stated.items())


def pooled_table(stated: Iterable[tuple[str, Sequence[Findings]]]) -> pd.DataFrame:
    """The same of patients with the findings of their images."""
    rows = [
        {
            "patient_id": patient,
            "images": sum(task in one for one in findings),
            "finding": task,
            "value": value,
            "probability": probability,
        }
        for patient, findings in stated
        for task, values in pool_tasks(findings).items()
        for value, probability in values.items()
    ]
    return _frame(rows, PATIENTS, images="Int64", probability="float64")


def write_findings(readings: Sequence[Reading], folder: Path) -> list[Path]:
    """Write the tables that hold anything as CSV (UTF-8); returns what was written.

    `findings.csv` where there are findings, `patients.csv` where they are of known patients,
    `quality.csv` where there are numbers of quality.
    """
    tables = []
    if any(one.findings for one in readings):
        tables.append(("findings.csv", finding_table(readings)))
    if readings_by_patient(readings):
        tables.append(("patients.csv", patient_table(readings)))
    if any(one.quality for one in readings):
        tables.append(("quality.csv", quality_table(readings)))
    return [write_text(csv_text(table), folder / name) for name, table in tables]


def _finding_rows(reading: Reading) -> list[dict[str, Any]]:
    if reading.error is not None:
        return [_image(reading) | {"finding": ""}]
    return [
        _image(reading) | {"finding": task, "value": value, "probability": probability}
        for task, values in reading.findings.items()
        for value, probability in values.items()
    ]


def _quality_rows(reading: Reading) -> list[dict[str, Any]]:
    if reading.error is not None:
        return [_image(reading) | {"quality": ""}]
    return [
        _image(reading) | {"quality": name, "value": value}
        for name, value in reading.quality.items()
    ]


def _image(reading: Reading) -> dict[str, Any]:
    flags = reading.flags if reading.error is None else (f"error: {reading.error}",)
    return {
        "image": reading.file or str(reading.image_id),
        "patient_id": reading.patient_id,
        "flag": joined_flags(flags),
    }


def _frame(rows: list[dict[str, Any]], columns: tuple[str, ...], **types: str) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=list(columns)).astype(types)
