"""`polyclinic evaluate`: judge a run on images that it has not seen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from polyclinic.cli.options import Data, Run

Part = Literal["test", "val", "train", "all"]


def evaluate(
    run: Run,
    data: Data,
    out: Annotated[
        Path | None, typer.Option(help="Where to write; the run directory unless given.")
    ] = None,
    part: Annotated[
        Part | None,
        typer.Option(help="Which images; test on the run's own data, all on other data."),
    ] = None,
) -> None:
    """Compare readings with annotations; writes metrics.json and report.html."""
    from polyclinic.atomic import write_json
    from polyclinic.cli.progress import progress_bar
    from polyclinic.recipes.evaluate import evaluate as judge
    from polyclinic.report.evaluation import write_evaluation

    console = Console(highlight=False, soft_wrap=True)
    with progress_bar(console, "reading held-out images") as told:
        evaluation = judge(run, data, part=part, told=told)
    folder = out or run
    metrics = write_json(evaluation.to_json(), folder / "metrics.json", indent=1)
    report = write_evaluation(evaluation, folder / "report.html")
    table = Table(box=None, pad_edge=False)
    for heading, side in (
        ("figure", "left"),
        ("value", "right"),
        ("95 % interval", "right"),
        ("baseline", "right"),
        ("unit", "left"),
    ):
        table.add_column(heading, justify=side)  # type: ignore[arg-type]
    for one in evaluation.judgement.metrics:
        interval = (
            "" if one.lower is None or one.upper is None else f"{one.lower:.3f} - {one.upper:.3f}"
        )
        table.add_row(
            one.name,
            "-" if one.value is None else f"{one.value:.3f}",
            interval,
            "" if one.baseline is None else f"{one.baseline:.3f}",
            "" if one.unit == "1" else one.unit,
        )
    console.print(table)
    console.print(f"{evaluation.part} part: {len(evaluation.judgement.cases)} images")
    console.print(f"wrote {metrics}, {report}")
