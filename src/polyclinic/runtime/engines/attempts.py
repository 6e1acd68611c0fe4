"""How often a chunk is tried where its worker may die, and what is done when it dies each time."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

from polyclinic.errors import RunError
from polyclinic.runtime.engines.engine import Chunk, ChunkRead
from polyclinic.runtime.engines.job import Job
from polyclinic.runtime.engines.steps import Opened, look, open_files, write_pictures
from polyclinic.runtime.reads import BaseReader

SUSPECTED = 2
"""How often the process must die with an image alone until the image is blamed."""

WHY = "the process that read it died, or gave no answer, each time"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try at a chunk, by one worker.

    Args:
        chunk: what to read.
        job: what to write.
        lost: places of images in the chunk that are not touched any more.
    """

    chunk: Chunk
    job: Job
    lost: frozenset[int] = frozenset()


Attempts = Generator[Attempt, ChunkRead | None, ChunkRead]
"""Gives attempts; is sent what came of each, None where the worker died; returns the chunk."""


def attempts_at(chunk: Chunk, job: Job, times: int) -> Attempts:
    """Try a chunk as a whole, then look for images that kill, then leave them out.

    Args:
        chunk: what to read.
        job: what to write.
        times: how often the chunk is tried before its images are suspected, 1 or more.

    Raises:
        RunError: workers die although no image does it by itself.
    """
    if (read := (yield from _tried(Attempt(chunk=chunk, job=job), times))) is not None:
        return read
    alone = replace(job, batch_size=1)  # less memory, and the same readings
    lost = yield from _killers(chunk, alone)
    last = Attempt(chunk=chunk, job=alone, lost=lost)
    if (read := (yield from _tried(last, times))) is not None:
        return read
    raise RunError(
        f"workers died {2 * times} times in chunk {chunk.number}, and no image of it does that "
        "by itself",
        where=chunk.samples[0].file or str(chunk.samples[0].image_id),
        hint="they may run out of memory: have fewer of them (--workers)",
    )


def make_attempt(reader: BaseReader, attempt: Attempt) -> ChunkRead:
    """Read a chunk from files to rows, without the images that are lost."""
    chunk, job = attempt.chunk, attempt.job
    size = job.batch_of(reader)
    finished = []
    for first in range(0, len(chunk.samples), size):
        batch: list[Opened] = []
        for place, sample in enumerate(chunk.samples[first : first + size], start=first):
            lost = place in attempt.lost
            batch += (
                [Opened(sample=sample, error=WHY)] if lost else open_files(reader, [sample], job)
            )
        finished += write_pictures(look(reader, batch), job)
    return ChunkRead.of(chunk.number, finished, job)


def _killers(chunk: Chunk, job: Job) -> Generator[Attempt, ChunkRead | None, frozenset[int]]:
    """Places of the images with which a worker dies although nothing else is read."""
    lost = set()
    for place, sample in enumerate(chunk.samples):
        alone = replace(chunk, samples=(sample,))
        if (yield from _tried(Attempt(chunk=alone, job=job), SUSPECTED)) is None:
            lost.add(place)
    return frozenset(lost)


def _tried(attempt: Attempt, times: int) -> Generator[Attempt, ChunkRead | None, ChunkRead | None]:
    """What came of the first attempt that its worker survived; None where there was none."""
    for _ in range(times):
        if (read := (yield attempt)) is not None:
            return read
    return None
