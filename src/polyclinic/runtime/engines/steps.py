"""The steps from the files of a batch to what is written of it, each fit for its own thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from polyclinic.data.dicom import described
from polyclinic.data.grey import Grey
from polyclinic.errors import PolyclinicError
from polyclinic.reading import Reading
from polyclinic.reading.reading import OF_IMAGE
from polyclinic.runtime.engines.job import Job
from polyclinic.runtime.names import NOT_WRITTEN, OVERLAYS, RESTORED
from polyclinic.runtime.outputs import write_overlay
from polyclinic.runtime.reads import BaseReader, flagged, loaded, unread
from polyclinic.runtime.restored import write_restored
from polyclinic.sample import Sample, Spacing


@dataclass(frozen=True, eq=False, kw_only=True)
class Opened:
    """An image with its pixels, or with why there are none."""

    sample: Sample
    error: str | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Finished:
    """What was read of an image, without pixels, and whether a restored image was written."""

    reading: Reading
    restored: bool = False


def open_files(reader: BaseReader, samples: Sequence[Sample], job: Job) -> list[Opened]:
    """Load the pixels of a batch as a reader sees them; an image that can't be read says why."""
    return [_opened(sample, job.spacing, reader.grey) for sample in samples]


def look(reader: BaseReader, batch: Sequence[Opened]) -> list[tuple[Opened, Reading]]:
    """Let the reader look at what could be opened, all of it together."""
    seen = iter(reader.read_batch([one.sample for one in batch if one.error is None]))
    return [
        (
            one,
            next(seen) if one.error is None else unread(one.sample, one.error, reader.provenance),
        )
        for one in batch
    ]


def write_pictures(read: Sequence[tuple[Opened, Reading]], job: Job) -> list[Finished]:
    """Write overlays and restored images of a batch; what is left holds no pixels."""
    return [_finished(one, reading, job) for one, reading in read]


def _opened(sample: Sample, spacing: Spacing | None, grey: Grey) -> Opened:
    try:
        return Opened(sample=_scaled(loaded(sample, grey), spacing))
    except PolyclinicError as error:
        return Opened(sample=_scaled(described(sample), spacing), error=str(error))


def _scaled(sample: Sample, spacing: Spacing | None) -> Sample:
    return sample if spacing is None or sample.spacing.known else replace(sample, spacing=spacing)


def _finished(one: Opened, reading: Reading, job: Job) -> Finished:
    """Write the pictures of an image; one that can't be written costs no reading."""
    if one.error is not None:
        return Finished(reading=reading)
    reading, pixels = flagged(one.sample, reading), one.sample.pixels
    apart = reading.image_id in job.alike
    makers: dict[str, tuple[str, Callable[[Path], Path | None]]] = {}
    if "restored" in job.formats:
        grey = one.sample.stored_grey
        makers["restored"] = (
            RESTORED,
            lambda folder: write_restored(reading, folder, grey, apart=apart),
        )
    if "overlay" in job.formats and reading.error is None:
        makers["overlay"] = (
            OVERLAYS,
            lambda folder: write_overlay(pixels, reading, folder, apart=apart),
        )
    files: dict[str, str] = {}
    failed: dict[str, str] = {}
    for name, (folder, make) in makers.items():
        try:
            path = make(job.out / folder)
        except Exception as error:  # whatever is wrong with a picture
            failed[name] = f"{type(error).__name__}: {error}"
        else:
            files |= {name: f"{folder}/{path.name}"} if path else {}
    said = {key: value for key, value in (("files", files), (NOT_WRITTEN, failed)) if value}
    of_image = {**reading.provenance.get(OF_IMAGE, {}), **said}
    provenance = {**reading.provenance, **({OF_IMAGE: of_image} if of_image else {})}
    return Finished(
        reading=replace(reading, restored=None, provenance=provenance),
        restored="restored" in files,
    )
