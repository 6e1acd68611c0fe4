"""Workers that are processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any

from polyclinic.runtime.engines.attempts import Attempt
from polyclinic.runtime.engines.engine import ChunkRead, ReaderSource
from polyclinic.runtime.engines.staff import Lost
from polyclinic.runtime.engines.worker import Place, Worker


@dataclass(frozen=True, eq=False)
class Hired:
    """A process and the pipe to it."""

    process: BaseProcess
    pipe: Connection


class ProcessStaff:
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

    def hire(self) -> tuple[Hired, Connection]:
        """A process; its pipe is what is waited for, now and later."""
        mine, theirs = self._context.Pipe()
        process = self._context.Process(
            target=serve, args=(theirs, self._source, self._place), daemon=True
        )
        process.start()
        theirs.close()  # so that its end is seen here
        return Hired(process, mine), mine

    def give(self, worker: Hired, attempt: Attempt) -> Connection:
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

    def dismiss(self, worker: Hired) -> None:
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
