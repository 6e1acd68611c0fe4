"""The tables of an evaluation."""

from polyclinic.report.evaluation.tables.figures import figure_tables
from polyclinic.report.evaluation.tables.groups import (
    comparison_table,
    flow_table,
    fold_table,
    subgroup_tables,
)
from polyclinic.report.evaluation.tables.rows import case_rows, patient_table

__all__ = [
    "case_rows",
    "comparison_table",
    "figure_tables",
    "flow_table",
    "fold_table",
    "patient_table",
    "subgroup_tables",
]
