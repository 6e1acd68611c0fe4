"""`polyclinic evaluate`: judge a reader on images that it has not seen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from polyclinic.cli.console import make_console
from polyclinic.cli.interruption import NOTHING, leaving
from polyclinic.cli.options import Data, Reference, Trust
from polyclinic.console import styled
from polyclinic.trusted import trust as trust_modules

if TYPE_CHECKING:
    from polyclinic.evaluation.evaluate import Evaluation

Part = Literal["test", "val", "train", "calibration", "all"]
Judged = Annotated[
    Path,
    typer.Argument(
        help="A run directory, that of a cross-validation, or stored readings (readings.json, or "
        "any COCO results file)."
    ),
]


def evaluate(
    run: Judged,
    data: Data,
    against: Annotated[
        Path | None,
        typer.Argument(metavar="[RUN2]", help="A second reader, judged on the same cases."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write; the run directory unless given.")
    ] = None,
    part: Annotated[
        Part | None,
        typer.Option(help="Which images; test on the run's own data, all on other data."),
    ] = None,
    accept: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Score from which an instance counts as found in F1, Dice, PCK ...; unless given, "
            "the run's own, that of the file, or 0.5 for COCO results.",
        ),
    ] = None,
    stress: Annotated[
        str | None,
        typer.Option(
            metavar="KIND,...",
            help="Read the images again, degraded at four levels: any of blur, defocus, noise, "
            "jpeg, gamma.",
        ),
    ] = None,
    reference: Reference = None,
    trust: Trust = None,
) -> None:
    """Compare readings with annotations; writes metrics.json, cases.csv and report.html.

    Every figure has a 95 % interval over patients. With RUN2 the two readers are compared on the
    same images, with intervals of the differences. With --stress the main figures are followed
    over levels of degradation; also writes stress.csv.
    """
    from polyclinic.atomic import check_writable, write_json
    from polyclinic.cli.progress import progress_bar
    from polyclinic.evaluation.cases import write_cases
    from polyclinic.evaluation.evaluate import evaluate as judge
    from polyclinic.report.evaluation import write_evaluation

    trust_modules(*(trust or ()))
    console = make_console()
    kinds = [] if stress is None else [name.strip() for name in stress.split(",")]
    folder = out or (run if run.is_dir() else run.parent)
    names = ["metrics.json", "cases.csv", "report.html", *(["stress.csv"] if kinds else [])]
    for name in names:
        check_writable(folder / name)
    with leaving(lambda: NOTHING), progress_bar(console, "reading images") as told:
        evaluation = judge(
            run,
            data,
            against=against,
            part=part,
            accept=accept,
            stress=kinds,
            reference=reference,
            told=told,
        )
    metrics = write_json(evaluation.to_json(), folder / "metrics.json", indent=1)
    cases = write_cases(evaluation, folder / "cases.csv")
    report = write_evaluation(evaluation, folder / "report.html")
    written = [metrics, cases, report]
    if evaluation.stress is not None:
        written.append(evaluation.stress.write(folder / "stress.csv"))
    _show(console, evaluation)
    console.print(f"wrote {', '.join(map(str, written))}")


def _show(console: Console, evaluation: Evaluation) -> None:
    from polyclinic.cli.figures import (
        difference_table,
        figure_table,
        flow_table,
        measured_table,
        stress_table,
        without_value,
    )

    console.print(flow_table(evaluation))
    console.print(figure_table(evaluation))
    for reason in without_value(evaluation):
        console.print(styled(("no value", "yellow"), f" {reason}"))
    if evaluation.pairs:
        console.print(measured_table(evaluation))
    if evaluation.comparison is not None:
        console.print(difference_table(evaluation.comparison))
    if evaluation.stress is not None:
        console.print(stress_table(evaluation.stress))
    subject = evaluation.subject
    kind = f"{subject.part} part" if subject.part != "all" else "all images"
    patients = evaluation.to_json()["patients"]
    console.print(f"{kind}: {evaluation.images} images of {patients} patients")
    if evaluation.reference is not None:
        console.print(
            f"reference: {evaluation.reference}, {len(evaluation.reported)} annotations of "
            f"{evaluation.images} images"
        )
    for leak in evaluation.leaks[:5]:
        console.print(styled(("in the training", "yellow"), f" {leak}"))
    if len(evaluation.leaks) > 5:
        said = f" {len(evaluation.leaks) - 5} more, see the report"
        console.print(styled(("in the training", "yellow"), said))
