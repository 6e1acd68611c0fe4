"""`polyclinic export`: a trained reader as one file for other runtimes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from polyclinic.cli.console import make_console
from polyclinic.cli.interruption import leaving
from polyclinic.cli.options import Run, Trust
from polyclinic.trusted import trust as trust_modules


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
    precision: Annotated[
        Literal["fp32", "int8"], typer.Option(help="Of the numbers in the graphs.")
    ] = "fp32",
    data: Annotated[
        Path | None, typer.Option(help="For int8: the annotated images of the training.")
    ] = None,
    most_lost: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="For int8: share of the figure that chose the weights which may be lost on the "
            "validation part; 0.01 unless given.",
        ),
    ] = None,
    trust: Trust = None,
) -> None:
    """Write a reader as one file that `polyclinic read FILE` reads without torch.

    The file carries how images are prepared, how answers are decoded and what is measured. It is
    written only if its graphs give what the networks give; in int8, only if little enough is lost
    on the validation part of the training's data.
    """
    from polyclinic.atomic import check_writable

    trust_modules(*(trust or ()))
    console = make_console()
    wanted = None if size is None else parse_size(size)
    kind = f"{to}-int8" if precision == "int8" else to
    path = out or run / f"{run.resolve().name}-{kind}.polyclinic"
    if out is not None or run.is_dir():
        check_writable(path)
    with leaving(lambda: "no file was written: the same command begins anew"):
        if precision == "int8":
            said = _export_int8(run, to, path, wanted, data, most_lost)
        else:
            _refuse_int8_options(data, most_lost)
            said = _export(run, to, path, wanted)
    for line in said:
        console.print(line)
    console.print(f"wrote {path} ({path.stat().st_size / 1e6:.1f} MB)")


def _export(
    run: Path, to: Literal["onnx", "openvino"], path: Path, size: tuple[int, int] | None
) -> list[str]:
    from polyclinic.runs.load import load
    from polyclinic.runtime.export.write import export as write

    return write(load(run), path, to=to, size=size)


def _export_int8(
    run: Path,
    to: str,
    path: Path,
    size: tuple[int, int] | None,
    data: Path | None,
    most_lost: float | None,
) -> list[str]:
    from polyclinic.atomic import write_bytes
    from polyclinic.errors import ConfigError
    from polyclinic.runs.quantised import MOST_LOST, quantise_run

    if to != "onnx" or data is None:
        raise ConfigError(
            "--precision int8 needs --to onnx and --data",
            expected="ONNX, and the data set that the run was trained on",
            where="--precision",
        )
    limit = MOST_LOST if most_lost is None else most_lost
    kept, lost = quantise_run(run, data, size=size, most_lost=limit)
    write_bytes(kept.read_bytes(), path)
    return lost.lines()


def _refuse_int8_options(data: Path | None, most_lost: float | None) -> None:
    from polyclinic.errors import ConfigError

    if data is not None or most_lost is not None:
        raise ConfigError(
            "--data and --most-lost are for --precision int8",
            hint="leave them out, or ask for int8",
        )


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
