"""Read in several processes of this machine, each with a share of its cores."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread
from typing import Any, Self

from polyclinic.console import MessageCallback
from polyclinic.runtime.engines.attempts import Attempt
from polyclinic.runtime.engines.engine import Chunk, ChunkRead, ReaderSource
from polyclinic.runtime.engines.job import Job
from polyclinic.runtime.engines.worker import Place, Worker
from polyclinic.runtime.engines.worker_pool import ATTEMPTS, Lost, WorkerPool, silent
from polyclinic.runtime.predictors.session import own_threads


@dataclass(frozen=True, eq=False)
class Started:
    """A process and the pipe to it."""

    process: BaseProcess
    pipe: Connection


class ProcessBackend:
    """Starts processes; they end with the process that started them, however it ends.

    Args:
        source: how a worker gets the reader.
        place: where they work.
    """

    where = "--workers"

    def __init__(self, source: ReaderSource, place: Place) -> None:
        self._source, self._place = source, place
        # A fork would copy threads' locks as they happen to be.
        self._context = multiprocessing.get_context("spawn")

    def start(self) -> tuple[Started, Connection]:
        """A process; its pipe is what is waited for, now and later."""
        mine, theirs = self._context.Pipe()
        process = self._context.Process(
            target=serve, args=(theirs, self._source, self._place), daemon=True
        )
        process.start()
        theirs.close()  # so that its end is seen here
        return Started(process, mine), mine

    def give(self, worker: Started, attempt: Attempt) -> Connection:
        """Send an attempt."""
        with suppress(OSError):  # it died idle: reading from the pipe will tell
            worker.pipe.send(attempt)
        return worker.pipe

    def wait(self, awaited: Sequence[Any], patience_s: float | None) -> Sequence[Any]:
        """Pipes with an answer, or without anybody at the other end."""
        return wait(awaited, patience_s)

    def started(self, awaited: Connection) -> str:
        """Nothing: nobody asks which process of this machine it is."""
        _answer(awaited)
        return ""

    def read(self, awaited: Connection) -> ChunkRead:
        """What came of an attempt."""
        read: ChunkRead = _answer(awaited)
        return read

    def stop(self, worker: Started) -> None:
        """Kill the process: what it has written is whole."""
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()


def serve(pipe: Connection, source: ReaderSource, place: Place) -> None:
    """Open the reader, then make one attempt after the other; what a process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command, which ends this
    Thread(target=_end_with_parent, daemon=True).start()
    worker = Worker(source, place)
    with suppress(EOFError, OSError):  # nobody is at the other end any more
        _send(pipe, worker.prepare)
        while True:
            attempt = pipe.recv()
            _send(pipe, lambda one=attempt: worker.read(one))


def _send(pipe: Connection, work: Any) -> None:
    try:
        answer = (True, work())
    except Exception as error:  # whatever it is, the command raises it
        answer = (False, error)
    pipe.send(answer)


def _answer(pipe: Connection) -> Any:
    try:
        well, answer = pipe.recv()
    except (EOFError, OSError):
        raise Lost("a process ended") from None
    if not well:
        raise answer
    return answer


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)


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
        self,
        *,
        workers: int | None = None,
        attempts: int = ATTEMPTS,
        told: MessageCallback = silent,
    ) -> None:
        self.workers = workers or min(cores(), MOST)
        self.attempts, self.told = attempts, told
        self._pools = ExitStack()
        self._pool: tuple[ReaderSource, WorkerPool] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        self._pools.close()
        self._pool = None

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

    def _crew_for(self, source: ReaderSource) -> WorkerPool:
        if self._pool is None or self._pool[0] != source:
            self.__exit__()
            threads = max(1, cores() // self.workers)
            backend = ProcessBackend(source, Place(folder=Path.cwd(), threads=threads))
            pool = self._pools.enter_context(WorkerPool(backend, size=self.workers, told=self.told))
            self._pool = (source, pool)
        return self._pool[1]
