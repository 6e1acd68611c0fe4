"""`polyclinic fit`: train a recipe on annotated images."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from polyclinic.cli.options import Data, Settings


def fit(
    recipe: Annotated[str, typer.Argument(help="A recipe name, or package.module:Class.")],
    data: Data,
    out: Annotated[Path, typer.Option(help="Where to put the run directory.")],
    preset: Annotated[str | None, typer.Option(help="small or paper.")] = None,
    config: Annotated[Path | None, typer.Option(help="A YAML file of settings.")] = None,
    settings: Settings = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where a run in --out stopped.")
    ] = False,
) -> None:
    """Train a recipe on a data set."""
    from polyclinic.cli.overrides import overrides
    from polyclinic.recipes.fit import fit as train

    console = Console(highlight=False, soft_wrap=True)
    chosen = overrides(config, preset, settings)
    fitted = train(recipe, data, out, chosen, resume=resume, console=console)
    if not fitted.run.is_mine:
        return
    best = fitted.result.best_score
    console.print(
        f"trained {fitted.result.steps} steps in {fitted.result.seconds / 60:.1f} min"
        + ("" if best is None else f"; best validation score {best:.3f}")
    )
    console.print(f"next: [bold]polyclinic evaluate {out} --data {data}[/]")
