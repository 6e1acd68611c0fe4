"""One row a case: what it is and how well it was read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from polyclinic.atomic import write_text
from polyclinic.reading.csv_cells import csv_text

if TYPE_CHECKING:
    from polyclinic.evaluation.evaluate import Evaluation

IDENTITY = ("patient_id", "site", "device", "laterality", "age", "sex")


def case_table(evaluation: Evaluation) -> pd.DataFrame:
    """A row a case: identity, labels, fold, flags, then every figure that one case has.

    Columns that hold nothing are left out, except `image` and `patient_id`.
    """
    rows = [
        {
            "image": (sample.file and Path(sample.file).name) or str(sample.image_id),
            **{key: getattr(sample, key) for key in IDENTITY},
            "rater": ", ".join(sample.raters),
            **dict(sample.labels),
            "instances": None if reading.instances is None else len(reading.instances),
            "flag": "; ".join(
                (*reading.flags, *(() if reading.error is None else (reading.error,)))
            ),
        }
        for sample, reading in evaluation.reported
    ]
    table = pd.DataFrame(rows)
    if evaluation.subject.folds is not None:
        table.insert(2, "fold", evaluation.subject.folds)
    table = table.replace({"": None}).dropna(axis="columns", how="all")
    figures = {f.name: f.by_case for f in evaluation.figures if f.by_case is not None}
    of_cases = pd.DataFrame(figures).dropna(axis="columns", how="all")
    return pd.concat([table, of_cases], axis="columns")


def write_cases(evaluation: Evaluation, path: Path) -> Path:
    """Write the table as CSV (UTF-8)."""
    return write_text(csv_text(case_table(evaluation)), path)
