"""`polyclinic demo`: from a phantom cohort to a report, in minutes."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from polyclinic.cli.console import make_console
from polyclinic.cli.options import Settings
from polyclinic.errors import RunError

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
    from polyclinic.cli.overrides import overrides
    from polyclinic.cli.progress import progress_bar
    from polyclinic.cli.read import read
    from polyclinic.data import open_cohort, write_coco
    from polyclinic.recipes.find import find_recipe
    from polyclinic.recipes.fit import fit

    started = time.monotonic()
    console = make_console()
    run = out or Path("runs") / ("demo" if recipe == "nailfold" else f"demo-{recipe}")
    _clear(run)
    console.rule("1 of 5: phantoms")
    draw, sizes = find_recipe(recipe).make_phantoms, find_recipe(recipe).phantoms
    with progress_bar(console, "drawing phantom images") as told:
        data = draw(
            run / PHANTOMS,
            patients=sizes.patients,
            images=sizes.images,
            seed=seed,
            progress=told,
        )
    with progress_bar(console, "drawing other patients") as told:
        others = draw(
            run / "others",
            patients=sizes.others,
            images=sizes.other_images,
            seed=seed + 1,
            progress=told,
        )
        _rename_patients(others)
    console.rule("2 of 5: training")
    chosen = overrides(None, None, [f"seed={seed}", SPLIT, *(settings or [])])
    fitted = fit(recipe, data, run, chosen, console=console)
    console.rule("3 of 5: intervals of measurements from other patients")
    calibrate(run, others)
    console.rule("4 of 5: evaluation on patients that the training has not seen")
    evaluate(run, data)
    console.rule("5 of 5: reading their images")
    held_out = run / "held-out.coco.json"
    write_coco(open_cohort(data).subset(fitted.split.test), held_out)
    read(run, [held_out], out=run / "readings")
    console.rule(f"done in {(time.monotonic() - started) / 60:.1f} min")
    console.print(f"report        [bold]{run / 'report.html'}[/]")
    console.print(f"measurements  [bold]{run / 'readings' / 'measurements.csv'}[/]")
    console.print(
        f"next          [bold]polyclinic fit {recipe} --data YOUR.coco.json --out runs/mine[/]"
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
