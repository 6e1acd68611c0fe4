"""A table to a cohort, ours or that of another system, as its header tells."""

from __future__ import annotations

from pathlib import Path

from polyclinic.data.cohort import Cohort
from polyclinic.data.findings import Finding, refuse
from polyclinic.data.kneel.read import KNEEL, open_kneel
from polyclinic.data.tables.read import open_table
from polyclinic.data.tables.sheet import read_sheet
from polyclinic.data.via.read import VIA, open_via

_OPENERS = ((KNEEL, open_kneel), (VIA, open_via))


def read_table(path: Path) -> Cohort:
    """Open a table whose images lie beside it or in its `images` folder.

    What single cells say wrongly is left out and named in `Cohort.skipped`.

    Raises:
        DataError: it is no table, its columns can't be told apart, or images are missing.
    """
    cohort, faults = open_any_table(path)
    refuse(faults)
    return cohort


def open_any_table(path: Path) -> tuple[Cohort, list[Finding]]:
    """The cohort without images that can't be used, and the faults that `read_table` refuses.

    Without samples where the table as a whole can't be trusted.

    Raises:
        DataError: it is no table, or the file beside it can't be read.
    """
    sheet, findings = read_sheet(path)
    for columns, opener in _OPENERS:
        if columns <= {*sheet.columns}:
            return opener(sheet, findings)
    return open_table(sheet, findings)
