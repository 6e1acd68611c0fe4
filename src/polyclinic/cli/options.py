"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Run = Annotated[Path, typer.Argument(help="A run directory, as `fit` and `demo` make it.")]
Data = Annotated[
    Path,
    typer.Option(
        help="Annotated images: a COCO file, a CSV table, or a folder of labelme files or masks."
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="A setting, e.g. train.steps=2000; may be given several times."),
]
Trust = Annotated[
    list[str] | None,
    typer.Option(
        metavar="MODULE",
        help="Let a run import this module, which is of no installed package; its code runs. May "
        "be given several times.",
    ),
]
Reference = Annotated[
    str | None,
    typer.Option(
        metavar="one:RATER|majority|each|shared",
        help="What counts where several raters annotated one image: one of them, what most say, "
        "each in turn, or all where each drew other objects. Unless given, the run's own.",
    ),
]
