"""The steps from the files of a batch to what is written of it, each fit for its own thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from polyclinic.data.dicom import described
from polyclinic.data.grey import Grey
from polyclinic.errors import PolyclinicError
from polyclinic.reading import Reading
from polyclinic.runtime.engines.job import Job
from polyclinic.runtime.names import OVERLAYS, RESTORED
from polyclinic.runtime.outputs import write_overlay
from polyclinic.runtime.reads import Reads, flagged, loaded, unread
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


def open_files(reader: Reads, samples: Sequence[Sample], job: Job) -> list[Opened]:
    """Load the pixels of a batch as a reader sees them; an image that can't be read says why."""
    return [_opened(sample, job.spacing, reader.grey) for sample in samples]


def look(reader: Reads, batch: Sequence[Opened]) -> list[tuple[Opened, Reading]]:
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
    if one.error is not None:
        return Finished(reading=reading)
    reading = flagged(one.sample, reading)
    restored = "restored" in job.formats and write_restored(
        reading, job.out / RESTORED, one.sample.stored_grey
    )
    if "overlay" in job.formats and reading.error is None:
        write_overlay(one.sample.pixels, reading, job.out / OVERLAYS)
    return Finished(reading=replace(reading, restored=None), restored=bool(restored))
