"""`polyclinic read`: read images with a trained reader."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from polyclinic.cli.console import make_console
from polyclinic.cli.engines import (
    Cpus,
    EngineName,
    EngineOption,
    RayAddress,
    Workers,
    reading_engine,
)
from polyclinic.cli.interruption import Counted, leaving
from polyclinic.cli.options import Run, Trust
from polyclinic.console import note, styled
from polyclinic.trusted import trust as trust_modules

if TYPE_CHECKING:
    from polyclinic.runtime.stream import Outcome

SOME_UNREAD = 6
_MOST_FINDINGS = 5


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
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Images at a time; as the reader likes unless given.")
    ] = None,
    precision: Annotated[
        Literal["auto", "fp32", "bf16", "int8"],
        typer.Option(help="Numbers to compute with; auto: the fastest that reads the same."),
    ] = "auto",
    engine: EngineOption = EngineName.LOCAL,
    ray_address: RayAddress = None,
    workers: Workers = None,
    cpus: Cpus = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget an unfinished read in the folder.")
    ] = False,
    trust: Trust = None,
) -> None:
    """Read images: instances, landmarks, measurements, overlays, restored images.

    An image that can't be read becomes a flagged row; the others are read, and the exit code
    is 6. A read that was stopped goes on when the same command is given again.
    """
    from polyclinic.cli.progress import image_bar
    from polyclinic.runs.choose import choose_backend
    from polyclinic.runs.fallback import chosen_source
    from polyclinic.runs.opening import check_reader, source_of
    from polyclinic.runtime.engines import Job
    from polyclinic.runtime.engines.processes import pays_off
    from polyclinic.runtime.inputs import samples_from
    from polyclinic.runtime.outputs import check_outputs, parse_formats
    from polyclinic.runtime.precision import BACKENDS
    from polyclinic.runtime.stream import read_all
    from polyclinic.runtime.stream.progress import begun_precision
    from polyclinic.sample import Spacing

    trust_modules(*(trust or ()))
    console = make_console()
    spacing = None if spacing_um is None else Spacing.square(spacing_um / 1000, "assumed")
    job = Job(out=out, formats=parse_formats(formats), spacing=spacing, batch_size=batch_size)
    check_outputs(out, job.formats)
    check_reader(run)
    samples = samples_from(inputs, out)
    for finding in samples.findings[:_MOST_FINDINGS]:
        console.print(note(str(finding)))
    if len(samples.findings) > _MOST_FINDINGS:
        console.print(note(f"{len(samples.findings)} such findings; see polyclinic check"))
    begun = None if fresh else begun_precision(out)  # what goes on must compute as it began
    way: str = precision
    if precision == "auto":
        known = begun if begun in {str(one) for one in BACKENDS} else None
        way = known or str(choose_backend(run, samples, console.print))
    source = chosen_source(run, way) if precision == "auto" else source_of(run, way)
    reader = source.load()  # says what is wrong with the run before anything is written
    pays = pays_off(reader.precision, len(samples))
    where = reading_engine(engine, ray_address, workers, cpus, console, pays=pays)
    with image_bar(console, "reading") as told:
        counted = Counted(told)
        with leaving(counted.kept):
            outcome = read_all(source, samples, job, where, fresh=fresh, told=counted)
    _tell(console, outcome, job.out, job.formats)
    if outcome.outputs.unread:
        raise typer.Exit(SOME_UNREAD)


def _tell(console: Console, outcome: Outcome, out: Path, formats: frozenset[str]) -> None:
    from polyclinic.runtime.names import NOT_WRITTEN, OVERLAYS, RESTORED
    from polyclinic.runtime.restored import NOTICE

    outputs, written = outcome.outputs, list(outcome.outputs.written)
    for error in outputs.errors:
        console.print(styled(("not read", "yellow"), f" {error}"))
    if outputs.unread > len(outputs.errors):
        more = outputs.unread - len(outputs.errors)
        console.print(styled(("not read", "yellow"), f" {more:,} more images"))
    if "overlay" in formats:
        written.append(out / OVERLAYS)
    if outputs.restored:
        written.append(out / RESTORED)
        console.print(note(NOTICE))
    if outputs.not_written:
        console.print(
            note(
                f"pictures of {outputs.not_written:,} images could not be written; "
                f"`{NOT_WRITTEN}` in readings.json says why"
            )
        )
    before = outputs.images - outcome.images
    console.print(
        f"read {outputs.images - outputs.unread} of {outputs.images} images "
        f"({outcome.rate:.1f} images/s{f'; {before} were read before' if before else ''})"
    )
    console.print("wrote " + ", ".join(str(path) for path in written))
