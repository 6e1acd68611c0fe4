"""`polyclinic read`: read images with a trained reader."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from polyclinic.cli.console import make_console
from polyclinic.cli.options import Run

SOME_UNREAD = 6


def read(
    run: Run,
    inputs: Annotated[list[Path], typer.Argument(help="Images, folders of images or COCO files.")],
    out: Annotated[Path, typer.Option(help="Where to write.")] = Path("readings"),
    formats: Annotated[
        str,
        typer.Option("--format", help="coco, csv, overlay, restored; several joined by commas."),
    ] = "coco,csv,overlay,restored",
    spacing_um: Annotated[
        float | None,
        typer.Option(help="µm per pixel of images that carry no scale of their own."),
    ] = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Images at a time.")] = 4,
) -> None:
    """Read images: instances, landmarks, measurements, overlays, restored images.

    An image that can't be read becomes a flagged row; the others are read, and the exit code
    is 6.
    """
    from dataclasses import replace

    from polyclinic.cli.progress import progress_bar
    from polyclinic.recipes.load import load
    from polyclinic.runtime.inputs import samples_from
    from polyclinic.runtime.outputs import parse_formats, write_overlay, write_readings
    from polyclinic.runtime.restored import NOTICE, write_restored
    from polyclinic.sample import Spacing

    console = make_console()
    wanted = parse_formats(formats)
    spacing = None if spacing_um is None else Spacing.square(spacing_um / 1000, "assumed")
    reader = load(run)
    samples = samples_from(inputs, spacing)
    readings, restored = [], 0
    with progress_bar(console, "reading") as told:
        for sample, reading in reader.read_beside(samples, batch_size=batch_size):
            if "restored" in wanted and write_restored(reading, out / "restored"):
                restored += 1
            readings.append(replace(reading, restored=None))  # all of them would fill the memory
            if "overlay" in wanted and reading.error is None:
                write_overlay(sample.pixels, reading, out / "overlays")
            told(len(readings), len(samples))
    written = write_readings(readings, out, wanted)
    unread = [reading for reading in readings if reading.error is not None]
    for reading in unread:
        console.print(f"[yellow]not read[/] {reading.error}")
    if "overlay" in wanted:
        written.append(out / "overlays")
    if restored:
        written.append(out / "restored")
        console.print(f"[yellow]note[/] {NOTICE}")
    console.print(f"read {len(readings) - len(unread)} of {len(readings)} images")
    console.print("wrote " + ", ".join(str(path) for path in written))
    if unread:
        raise typer.Exit(SOME_UNREAD)
