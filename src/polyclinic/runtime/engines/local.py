"""Read in this process, with the steps of successive batches side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Semaphore

import cv2

from polyclinic.reading import Reading
from polyclinic.runtime.engines.engine import Chunk, ChunkRead, ReaderSource
from polyclinic.runtime.engines.job import Job
from polyclinic.runtime.engines.steps import Finished, Opened, look, open_files, write_pictures
from polyclinic.runtime.reads import BaseReader
from polyclinic.sample import Sample


@dataclass(frozen=True, kw_only=True)
class LocalEngine:
    """Opens the files of the next batches and writes those of the last while one is read.

    A network spreads over all cores by itself, so it looks at one batch at a time; what it found
    in the last one is measured meanwhile. Batches are given back in order, and only so many of
    them hold pixels at a time.

    Args:
        openers: threads that decode.
        lookers: threads that look and measure.
        writers: threads that draw, compress and pack.
        ahead: batches on their way.
    """

    openers: int = 2
    lookers: int = 2
    writers: int = 1
    ahead: int = 4

    def read(self, source: ReaderSource, chunks: Iterable[Chunk], job: Job) -> Iterator[ChunkRead]:
        """What came of each chunk, in the order of the chunks; they are taken as needed."""
        reader = source.load()
        waiting: deque[Future[ChunkRead]] = deque()
        with (
            _one_thread_an_image(),
            _threads(self.openers) as opening,
            _threads(self.lookers) as looking,
            _threads(self.writers) as writing,
        ):
            belt = _Belt(reader, job, opening, looking, writing, Semaphore(self.ahead))
            for chunk in chunks:
                waiting.append(belt.put(chunk))
                while waiting and waiting[0].done():
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()


@dataclass(frozen=True, eq=False)
class _Belt:
    """The threads that a batch passes through, one after the other."""

    reader: BaseReader
    job: Job
    opening: ThreadPoolExecutor
    looking: ThreadPoolExecutor
    writing: ThreadPoolExecutor
    room: Semaphore

    def put(self, chunk: Chunk) -> Future[ChunkRead]:
        """Send the batches of a chunk on their way; waits where there is no room for one."""
        size = self.job.batch_of(self.reader)
        batches = [
            self._put(chunk.samples[first : first + size])
            for first in range(0, len(chunk.samples), size)
        ]
        return self.writing.submit(_joined, chunk.number, batches, self.job)

    def _put(self, samples: Sequence[Sample]) -> Future[list[Finished]]:
        self.room.acquire()
        opened = self.opening.submit(open_files, self.reader, samples, self.job)
        read = self.looking.submit(_look, self.reader, opened)
        written = self.writing.submit(_write, read, self.job)
        written.add_done_callback(lambda _: self.room.release())
        return written


# Each thread takes its work in order, so what it waits for here is done or being done.


def _look(reader: BaseReader, opened: Future[list[Opened]]) -> list[tuple[Opened, Reading]]:
    return look(reader, opened.result())


def _write(read: Future[list[tuple[Opened, Reading]]], job: Job) -> list[Finished]:
    return write_pictures(read.result(), job)


def _joined(number: int, batches: Sequence[Future[list[Finished]]], job: Job) -> ChunkRead:
    return ChunkRead.of(number, [one for batch in batches for one in batch.result()], job)


@contextmanager
def _one_thread_an_image() -> Iterator[None]:
    """Keep OpenCV from taking the cores on which other images are on their way."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


@contextmanager
def _threads(count: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that drop what they have not begun when the block is left early."""
    pool = ThreadPoolExecutor(count)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
