"""Read in several processes of this machine, each with a share of its cores."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from polyclinic.runtime.engines.crew import ATTEMPTS, Crew, Told, silent
from polyclinic.runtime.engines.engine import Chunk, ChunkRead, ReaderSource
from polyclinic.runtime.engines.job import Job
from polyclinic.runtime.engines.process_staff import ProcessStaff
from polyclinic.runtime.engines.worker import Place
from polyclinic.runtime.predictors.session import own_threads

MOST = 8
"""Processes unless told otherwise: each holds a network."""
WORTH_IT = 100
"""Images from which processes are worth their start, some seconds."""


def cores() -> int:
    """Cores that this process may use."""
    return own_threads() or len(os.sched_getaffinity(0))


def pays_off(precision: str, images: int) -> bool:
    """Whether several processes read faster in all, their start included.

    Networks in torch stay in one process: how it rounds depends on the number of its threads.

    Args:
        precision: how the reader computes, such as `openvino bf16`.
        images: how many are to be read.
    """
    return images >= WORTH_IT and not precision.startswith("torch")


class ProcessEngine:
    """Hands chunks to processes, each with a reader of its own.

    Measuring is Python, of which a process runs one line at a time, whatever its threads; in
    processes all of a reading takes place side by side. Small networks gain too: they keep one
    core busier than each of two.

    The processes live from the first read to the end of a `with` block, and open a reader once.

    Args:
        workers: how many; None: one a core, and at most `MOST`.
        attempts: how often a chunk is tried before its images are suspected of killing workers.
        told: called with what users should know.
    """

    def __init__(
        self, *, workers: int | None = None, attempts: int = ATTEMPTS, told: Told = silent
    ) -> None:
        self.workers = workers or min(cores(), MOST)
        self.attempts, self.told = attempts, told
        self._crews = ExitStack()
        self._crew: tuple[ReaderSource, Crew] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        self._crews.close()
        self._crew = None

    def read(self, source: ReaderSource, chunks: Iterable[Chunk], job: Job) -> Iterator[ChunkRead]:
        """What came of each chunk, in the order of the chunks; they are taken as needed.

        Raises:
            PolyclinicError: the reader can't be used, or workers die without a reason that lies
                in an image.
        """
        over = False
        try:
            yield from self._crew_for(source).read(chunks, job, self.attempts)
            over = True
        finally:
            if not over:  # somebody is still at work on what nobody waits for
                self.__exit__()

    def _crew_for(self, source: ReaderSource) -> Crew:
        if self._crew is None or self._crew[0] != source:
            self.__exit__()
            threads = max(1, cores() // self.workers)
            staff = ProcessStaff(source, Place(folder=Path.cwd(), threads=threads))
            crew = self._crews.enter_context(Crew(staff, size=self.workers, told=self.told))
            self._crew = (source, crew)
        return self._crew[1]
