"""What an engine is given, and what it gives back.

Everything here can be pickled, for an engine may run on other machines. Pixels never travel: a
chunk names files, and what comes back are rows of the outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, Self

from polyclinic.runtime.engines.job import Job
from polyclinic.runtime.engines.record import Record
from polyclinic.runtime.engines.steps import Finished, look, open_files, write_pictures
from polyclinic.runtime.reads import BaseReader
from polyclinic.sample import Sample
from polyclinic.trusted import trust, trusted_modules

__all__ = ["Chunk", "ChunkRead", "Engine", "Job", "Loader", "ReaderSource", "read_chunk"]

Loader = Callable[[Path, str | None], BaseReader]
"""From a path and a precision to a reader; a function of a module, so that it can be pickled."""


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """A few images of a read, done and stored together.

    Args:
        number: from 0, in the order of the inputs.
        samples: without pixels.
    """

    number: int
    samples: tuple[Sample, ...]


@dataclass(frozen=True, kw_only=True)
class ChunkRead:
    """What came of a chunk; overlays and restored images are written already.

    Rows of the outputs rather than readings: they are made where the reading is made, and a
    tenth of the size.

    Args:
        number: of the chunk.
        images: how many it has, read or not.
        record: rows of the outputs, a packed `runtime.engines.record.Record`.
    """

    number: int
    images: int
    record: bytes

    @classmethod
    def of(cls, number: int, finished: Sequence[Finished], job: Job) -> Self:
        """That of the images of a chunk."""
        readings = [one.reading for one in finished]
        restored = sum(one.restored for one in finished)
        record = Record.of(readings, job.formats, restored=restored)
        return cls(number=number, images=len(readings), record=record.packed())


@dataclass(frozen=True, kw_only=True)
class ReaderSource:
    """How a process gets the reader.

    Args:
        path: a run directory or an exported file, there on every machine that reads.
        loader: opens it.
        precision: asked for; None leaves it to the loader.
        trusted: modules whose code the path may name, in other processes too.
    """

    path: Path
    loader: Loader
    precision: str | None = None
    trusted: tuple[str, ...] = field(default_factory=trusted_modules)

    def load(self) -> BaseReader:
        """The reader, opened once; a copy in another process opens it again."""
        return self._reader

    @cached_property
    def _reader(self) -> BaseReader:
        trust(*self.trusted)
        return self.loader(self.path, self.precision)

    def __getstate__(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in fields(self)}


class Engine(Protocol):
    """Reads chunks, somewhere; results do not depend on where, nor on how many at a time."""

    def read(self, source: ReaderSource, chunks: Iterable[Chunk], job: Job) -> Iterator[ChunkRead]:
        """What came of each chunk, in the order of the chunks; they are taken as needed."""
        ...


def read_chunk(reader: BaseReader, chunk: Chunk, job: Job) -> ChunkRead:
    """Read a chunk from files to rows, one batch at a time; what a worker of any engine does."""
    size = job.batch_of(reader)
    finished = []
    for first in range(0, len(chunk.samples), size):
        batch = open_files(reader, chunk.samples[first : first + size], job)
        finished += write_pictures(look(reader, batch), job)
    return ChunkRead.of(chunk.number, finished, job)
