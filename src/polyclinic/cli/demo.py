"""`polyclinic demo`: from a phantom cohort to a report, in minutes."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from polyclinic.cli.console import make_console
from polyclinic.cli.interruption import NOTHING, leaving
from polyclinic.cli.options import Settings
from polyclinic.console import styled
from polyclinic.errors import RunError

if TYPE_CHECKING:
    from polyclinic.recipes.recipe import Recipe

SPLIT = "data.split=[0.64,0.11,0.25]"
PHANTOMS = "phantoms"


def demo(
    recipe: Annotated[str, typer.Argument(help="A recipe that has phantoms.")] = "nailfold",
    out: Annotated[
        Path | None, typer.Option(help="The run directory; runs/demo for the first recipe.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the phantoms and of the training.")] = 0,
    settings: Settings = None,
) -> None:
    """Make phantoms, train the small preset, calibrate, evaluate on unseen patients, read."""
    from polyclinic.cli.calibrate import calibrate
    from polyclinic.cli.evaluate import evaluate
    from polyclinic.cli.options import overrides
    from polyclinic.cli.read import read
    from polyclinic.data import open_cohort, write_coco
    from polyclinic.fitting.fit import fit
    from polyclinic.recipes.find import find_recipe

    started = time.monotonic()
    console = make_console()
    run = out or Path("runs") / ("demo" if recipe == "nailfold" else f"demo-{recipe}")
    _clear(run)
    shown = find_recipe(recipe)
    sizes = shown.phantoms
    measures = sizes.others > 0
    heads = _headings(console, measures)
    next(heads)
    draw = partial(_draw, shown, console)
    data = draw("phantom images", run / PHANTOMS, sizes.patients, sizes.images, seed)
    others = run / "others"
    if measures:
        others = draw("other patients", others, sizes.others, sizes.other_images, seed + 1)
        _rename_patients(others)
    next(heads)
    chosen = overrides(None, None, [f"seed={seed}", SPLIT, *(settings or [])])
    with leaving(lambda: NOTHING):
        fitted = fit(recipe, data, run, chosen, console=console)
    if measures:
        next(heads)
        calibrate(run, others)
    next(heads)
    evaluate(run, data, stress=",".join(shown.stress) or None)
    next(heads)
    held_out = run / "held-out.coco.json"
    write_coco(open_cohort(data).subset(fitted.split.test), held_out)
    read(run, [held_out], out=run / "readings")
    console.rule(f"done in {(time.monotonic() - started) / 60:.1f} min")
    console.print(styled("report        ", (str(run / "report.html"), "bold")))
    table = "measurements.csv" if measures else "findings.csv"
    rows = str(run / "readings" / table)
    console.print(styled(f"{table.removesuffix('.csv'):13} ", (rows, "bold")))
    yours = f"YOUR{''.join(data.suffixes)}"
    further = f"polyclinic fit {recipe} --data {yours} --out runs/mine"
    console.print(styled("next          ", (further, "bold")))


def _headings(console: Console, measures: bool) -> Iterator[None]:
    """Say before each step which of how many it is."""
    steps = (
        "phantoms",
        "training",
        *(("intervals of measurements from other patients",) if measures else ()),
        "evaluation on patients that the training has not seen",
        "reading their images",
    )
    for number, step in enumerate(steps, 1):
        console.rule(f"{number} of {len(steps)}: {step}")
        yield


def _draw(recipe: Recipe[Any], console: Console, what: str, folder: Path, *sizes: int) -> Path:
    """Draw phantoms: patients, images of each, and the seed."""
    from polyclinic.cli.progress import progress_bar

    patients, images, seed = sizes
    with progress_bar(console, f"drawing {what}") as told:
        return recipe.make_phantoms(
            folder, patients=patients, images=images, seed=seed, progress=told
        )


def _rename_patients(data: Path) -> None:
    """Each phantom cohort counts its patients from 1; these are other people."""
    from polyclinic.data import open_cohort, write_coco

    cohort = open_cohort(data)
    samples = tuple(
        replace(one, patient_id=f"other {one.patient_id}", image_id=f"other {one.image_id}")
        for one in cohort.samples
    )
    write_coco(replace(cohort, samples=samples), data)


def _clear(run: Path) -> None:
    """Delete an earlier demonstration, and nothing else."""
    if not run.exists() or not any(run.iterdir()):
        return
    if not (run / PHANTOMS).is_dir():
        raise RunError(
            "is not empty and no earlier demonstration",
            where=str(run),
            hint="name another folder with --out",
        )
    shutil.rmtree(run)
