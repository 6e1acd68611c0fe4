"""`polyclinic check`: audit a data set before anything trains on it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from polyclinic.cli.console import make_console
from polyclinic.console import styled

FAULTY = 3
COLOUR = {"error": "bold red", "warning": "yellow", "note": "dim"}


def check(
    data: Annotated[
        Path, typer.Argument(help="A COCO file, a CSV table, or a folder of annotations.")
    ],
    most: Annotated[int, typer.Option(help="Lines to print at most.", min=1)] = 50,
) -> None:
    """Audit a data set; the exit code is 3 when it holds an error."""
    from polyclinic.data.check import check_cohort

    console = make_console()
    report = check_cohort(data)
    for finding in report.findings[:most]:
        console.print(styled((str(finding), COLOUR[finding.severity])))
    if len(report.findings) > most:
        console.print(f"... and {len(report.findings) - most} more; see --most")
    for title, rows in report.tables.items():
        console.print(_table(title, rows))
    errors, warnings = report.count("error"), report.count("warning")
    console.print(f"{errors} errors, {warnings} warnings")
    if errors:
        raise typer.Exit(FAULTY)


def _table(title: str, rows: Mapping[str, Mapping[str, object]]) -> Table:
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    table = Table(title=title, box=None, pad_edge=False, title_justify="left")
    for column in ("", *columns):
        table.add_column(column, justify="right" if column else "left")
    for name, row in rows.items():
        table.add_row(name, *(str(row.get(column, "")) for column in columns))
    return table
