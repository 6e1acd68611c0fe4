"""`polyclinic export`: a trained reader as one file for other runtimes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from polyclinic.cli.console import make_console
from polyclinic.cli.options import Run


def export(
    run: Run,
    to: Annotated[Literal["onnx", "openvino"], typer.Option(help="Which runtime it is for.")],
    out: Annotated[
        Path | None, typer.Option(help="The file; RUN/NAME-onnx.polyclinic unless given.")
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(help="WIDTHxHEIGHT of images, for encoders whose graphs take one size."),
    ] = None,
) -> None:
    """Write a reader as one file that `polyclinic read FILE` reads without torch.

    The file carries how images are prepared, how answers are decoded and what is measured. It is
    written only if its graphs give what the networks give.
    """
    from polyclinic.recipes.load import load
    from polyclinic.runtime.export.write import export as write

    console = make_console()
    wanted = None if size is None else parse_size(size)
    path = out or run / f"{run.resolve().name}-{to}.polyclinic"
    for line in write(load(run), path, to=to, size=wanted):
        console.print(line)
    console.print(f"wrote {path} ({path.stat().st_size / 1e6:.1f} MB)")


def parse_size(text: str) -> tuple[int, int]:
    """`1024x768` as (height, width).

    Raises:
        ConfigError: it is no size.
    """
    from polyclinic.errors import ConfigError

    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise ConfigError(f"{text!r} is no size", expected="WIDTHxHEIGHT, such as 1024x768")
    return int(height), int(width)
