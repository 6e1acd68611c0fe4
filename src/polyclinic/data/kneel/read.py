"""KNEEL's annotation table to a cohort, by way of our own tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from polyclinic.data.cohort import Cohort
from polyclinic.data.findings import Finding
from polyclinic.data.kneel.frame import BBOX
from polyclinic.data.kneel.rows import COLUMNS, IMAGE, identity_findings, square, table_cells
from polyclinic.data.tables.read import open_sheet
from polyclinic.data.tables.sheet import Record, Sheet

KNEEL = frozenset({"subject_id", "side", "kl", "tibia", "femur", "bbox"})
"""Columns by which the table is known; `center` repeats what `bbox` says."""


def open_kneel(sheet: Sheet, findings: list[Finding]) -> tuple[Cohort, list[Finding]]:
    """The cohort of the pictures `SUBJECT_KL_SIDE.png`, and the faults that are refused.

    Args:
        sheet: a table with the columns `KNEEL`.
        findings: what was said of it so far.
    """
    findings = [*findings, *_doubled(sheet)]
    findings += [said for one in sheet.records for said in identity_findings(sheet, one)]
    if any(finding.severity == "error" for finding in findings):
        return Cohort(samples=(), name=sheet.path.name), findings
    doubts: list[Finding] = []
    rows = [table_cells(sheet, record, doubts) for record in sheet.records]
    squares = {
        row[IMAGE]: square(sheet, record, doubts)
        for row, record in zip(rows, sheet.records, strict=True)
    }
    records = tuple(
        Record(record.number, row) for row, record in zip(rows, sheet.records, strict=True)
    )
    cohort, faults = open_sheet(replace(sheet, records=records), COLUMNS, findings)
    samples = tuple(
        replace(one, extra={**one.extra, BBOX: found}) if found else one
        for one, found in ((one, squares[str(one.image_id)]) for one in cohort.samples)
    )
    return replace(cohort, samples=samples, skipped=(*doubts, *cohort.skipped)), faults


def _doubled(sheet: Sheet) -> Iterator[Finding]:
    first: dict[tuple[str, ...], Record] = {}
    for record in sheet.records:
        knee = tuple(record[column] for column in ("subject_id", "kl", "side"))
        earlier = first.setdefault(knee, record)
        if earlier is not record:
            yield sheet.place(record).error(
                f"is the knee of row {earlier.number} again", "each knee once"
            )
