"""`polyclinic check`: audit a data set before anything trains on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

FAULTY = 3
COLOUR = {"error": "bold red", "warning": "yellow", "note": "dim"}


def check(
    data: Annotated[Path, typer.Argument(help="A COCO file, or a folder of annotations.")],
    most: Annotated[int, typer.Option(help="Lines to print at most.", min=1)] = 50,
) -> None:
    """Audit a data set; the exit code is 3 when it holds an error."""
    from polyclinic.data.check import check_cohort

    console = Console(highlight=False, soft_wrap=True)
    report = check_cohort(data)
    for finding in report.findings[:most]:
        console.print(f"[{COLOUR[finding.severity]}]{finding.severity}[/] {finding}")
    if len(report.findings) > most:
        console.print(f"... and {len(report.findings) - most} more; see --most")
    for title, columns, rows in report.tables:
        table = Table(title=title, box=None, pad_edge=False, title_justify="left")
        for column in columns:
            table.add_column(column)
        for row in rows:
            table.add_row(*(str(cell) for cell in row))
        console.print(table)
    errors = sum(finding.severity == "error" for finding in report.findings)
    warnings = sum(finding.severity == "warning" for finding in report.findings)
    console.print(f"{errors} errors, {warnings} warnings")
    if errors:
        raise typer.Exit(FAULTY)
