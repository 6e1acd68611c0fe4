"""`polyclinic demo`: from a phantom cohort to a report, in minutes."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Annotated

import typer

from polyclinic.cli.console import make_console
from polyclinic.cli.options import Settings
from polyclinic.errors import RunError

PATIENTS, IMAGES = 48, 4
SPLIT = "data.split=[0.375,0.0625,0.145833,0.416667]"
"""18 patients to train on, 3 to choose by, 7 to judge on, 20 for intervals (19 are needed)."""

PHANTOMS = "phantoms"


def demo(
    recipe: Annotated[str, typer.Argument(help="A recipe that has phantoms.")] = "nailfold",
    out: Annotated[
        Path | None, typer.Option(help="The run directory; runs/demo for the first recipe.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the phantoms and of the training.")] = 0,
    settings: Settings = None,
) -> None:
    """Make phantoms, train the small preset, evaluate on unseen patients, read, report."""
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
    console.rule("1 of 4: phantoms")
    with progress_bar(console, "drawing phantom images") as told:
        data = find_recipe(recipe).make_phantoms(
            run / PHANTOMS, patients=PATIENTS, images=IMAGES, seed=seed, progress=told
        )
    console.rule("2 of 4: training")
    chosen = overrides(None, None, [f"seed={seed}", SPLIT, *(settings or [])])
    fitted = fit(recipe, data, run, chosen, console=console)
    console.rule("3 of 4: evaluation on patients that the training has not seen")
    evaluate(run, data)
    console.rule("4 of 4: reading their images")
    held_out = run / "held-out.coco.json"
    write_coco(open_cohort(data).subset(fitted.split.test), held_out)
    read(run, [held_out], out=run / "readings")
    console.rule(f"done in {(time.monotonic() - started) / 60:.1f} min")
    console.print(f"report        [bold]{run / 'report.html'}[/]")
    console.print(f"measurements  [bold]{run / 'readings' / 'measurements.csv'}[/]")
    console.print(
        f"next          [bold]polyclinic fit {recipe} --data YOUR.coco.json --out runs/mine[/]"
    )


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
