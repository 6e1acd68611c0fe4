"""One row a patient, one row an image."""

from __future__ import annotations

import numpy as np

from polyclinic.evaluation.cases import case_table
from polyclinic.evaluation.evaluate import Evaluation
from polyclinic.report.contents import Cell, Table
from polyclinic.report.numbers import spoken_name


def patient_table(evaluation: Evaluation) -> Table | None:
    """One row a patient, one column a quantity that the recipe pools; None where it pools none."""
    subject = evaluation.subject
    if subject.recipe is None:
        return None
    readings = [reading for _, reading in evaluation.reported]
    pooled = subject.recipe.measure_patients(readings, subject.config)
    if not pooled:
        return None
    names = list(dict.fromkeys((m.name, m.unit) for rows in pooled.values() for m in rows))
    values = {p: {(m.name, m.unit): m.value for m in rows} for p, rows in pooled.items()}
    headings = (f"{spoken_name(n)} ({u})" if u != "1" else spoken_name(n) for n, u in names)
    return Table(
        title="Patients",
        columns=("patient", *headings),
        rows=tuple((p, *(values[p].get(key) for key in names)) for p in sorted(values)),
        note="Means over the evaluable images of a patient; counts are sums.",
    )


def case_rows(evaluation: Evaluation) -> Table:
    """One row a case."""
    table = case_table(evaluation)
    rows: list[tuple[Cell, ...]] = [
        tuple(_cell(value) for value in row) for row in table.itertuples(index=False, name=None)
    ]
    return Table(
        title="",
        columns=tuple(str(name) for name in table.columns),
        rows=tuple(rows),
        note="The same rows, all of them, are in cases.csv.",
    )


def _cell(value: object) -> Cell:
    if isinstance(value, float | np.floating):
        return None if np.isnan(value) else float(value)
    if isinstance(value, int | np.integer):
        return int(value)
    return None if value is None else str(value)
