"""Read any number of images: what `polyclinic read` does."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from polyclinic.console import ProgressCallback
from polyclinic.errors import DataError
from polyclinic.runtime.engines import Engine, Job, ReaderSource
from polyclinic.runtime.names import alike
from polyclinic.runtime.stream.assemble import Assembled, assemble
from polyclinic.runtime.stream.fingerprint import Fingerprint
from polyclinic.runtime.stream.progress import progress_in
from polyclinic.sample import Sample

_MOST_BATCHES = 8
_LEAST_CHUNKS = 12


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a read ended.

    Args:
        outputs: what stands in them, of all images.
        images: how many were read now; the others had been before.
        seconds: that took.
    """

    outputs: Assembled
    images: int
    seconds: float

    @property
    def rate(self) -> float:
        """Images a second."""
        return self.images / self.seconds if self.seconds else 0.0


def read_all(
    source: ReaderSource,
    samples: Sequence[Sample],
    job: Job,
    engine: Engine,
    *,
    fresh: bool = False,
    told: ProgressCallback | None = None,
) -> Outcome:
    """Read images chunk by chunk, and write the outputs when all are done.

    Progress stands in `.reading` in the folder of the outputs. The same call goes on after a
    kill; the folder goes when the outputs are whole.

    Args:
        source: the reader.
        samples: without pixels; made as they are needed.
        job: what becomes of each.
        engine: reads them.
        fresh: whether to forget an unfinished read in the folder.
        told: is called with (images done, in all).

    Raises:
        DataError: two images have one id, which `readings.json` can't hold.
        RunError: the folder holds an unfinished read of something else.
    """
    if "coco" in job.formats:
        refuse_doubled(samples)
    job = replace(job, alike=alike(sample.image_id for sample in samples))
    fingerprint = Fingerprint.of(source, samples, job)
    chunk = chunk_size(len(samples), job.batch_of(source.load()))
    with progress_in(job.out, fingerprint, chunk=chunk, fresh=fresh) as progress:
        before = done = progress.images_done
        tell(told, done, len(samples))
        started = time.perf_counter()
        for read in engine.read(source, progress.to_do(samples), job):
            progress.keep(read)
            done += read.images
            tell(told, done, len(samples))
        seconds = time.perf_counter() - started
        outputs = assemble(progress.records(), job.out, job.formats, scratch=progress.folder)
        progress.over()
    return Outcome(outputs=outputs, images=done - before, seconds=seconds)


def chunk_size(images: int, batch: int) -> int:
    """Images of a chunk: some batches, but so few that a small set makes progress in steps."""
    batches = -(-images // batch)
    return batch * max(1, min(_MOST_BATCHES, batches // _LEAST_CHUNKS))


def refuse_doubled(samples: Sequence[Sample]) -> None:
    """Refuse images that the outputs could not tell apart.

    Raises:
        DataError: an id comes twice.
    """
    seen: set[int | str] = set()
    for sample in samples:
        if sample.image_id in seen:
            raise DataError(
                f"image {sample.image_id!r} is named twice",
                expected="unique ids",
                hint="read folders with the same file names one by one, or leave out the "
                "format coco",
            )
        seen.add(sample.image_id)


def tell(told: ProgressCallback | None, done: int, images: int) -> None:
    """Say how far a read is, where anybody wants to know."""
    if told is not None:
        told(done, images)
