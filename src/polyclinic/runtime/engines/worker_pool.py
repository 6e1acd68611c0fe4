"""The workers of a read: who starts them, who is doing what, and who takes the next chunk."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from polyclinic.console import MessageCallback
from polyclinic.errors import RunError
from polyclinic.runtime.engines.attempts import Attempt, Attempts, attempts_at
from polyclinic.runtime.engines.engine import Chunk, ChunkRead
from polyclinic.runtime.engines.job import Job


class Lost(Exception):  # noqa: N818  (a state of the world, not a mistake)
    """The process or the machine is gone before it gave its result."""


class PoolBackend(Protocol):
    """Starts processes that keep a reader, and hands them work.

    Workers and what is awaited of them are whatever the backend makes them; both can be keys.
    """

    where: str
    """The option that asked for it, for messages."""

    def start(self) -> tuple[Any, Any]:
        """A new worker that opens the reader, and what to wait for until it has."""
        ...

    def give(self, worker: Any, attempt: Attempt) -> Any:
        """Have an idle worker make an attempt; returns what to wait for."""
        ...

    def wait(self, awaited: Sequence[Any], patience_s: float | None) -> Sequence[Any]:
        """What is there of all that is awaited, as soon as anything is; nothing after so long."""
        ...

    def started(self, awaited: Any) -> str:
        """What to tell of a worker that has opened the reader; empty: nothing.

        Raises:
            PolyclinicError: it can't open the reader.
            Lost: it died.
        """
        ...

    def read(self, awaited: Any) -> ChunkRead:
        """What came of an attempt.

        Raises:
            PolyclinicError: the worker raised it.
            Lost: it died.
        """
        ...

    def stop(self, worker: Any) -> None:
        """End a worker, whatever it is doing."""
        ...


PATIENCE_S = 600.0
"""How long nobody may be at work before it is given up."""
STUCK_S = 3600.0
"""How long nobody at work may finish a chunk before all of them are taken for lost."""
AHEAD = 3
"""Chunks a worker that may be on their way or wait for an earlier one."""
ATTEMPTS = 3
"""How often a chunk is tried before its images are suspected of killing workers."""


def silent(_: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, eq=False)
class _Assignment:
    """A chunk on its way through its attempts, and the one that is due."""

    attempts: Attempts
    due: Attempt


class WorkerPool:
    """Workers, each with at most one chunk, which it alone is blamed for.

    What a worker does to a chunk is what `read_chunk` does, with files that are whole or not
    there; so a chunk whose worker dies is read again by another one, and nothing doubles.

    Args:
        backend: starts them.
        size: how many there are to be; fewer work where there is no room for all.
        told: called with what users should know.
    """

    def __init__(self, backend: PoolBackend, *, size: int, told: MessageCallback) -> None:
        self._backend, self._told, self.size = backend, told, size
        self._starting: dict[Any, Any] = {}
        self._busy: dict[Any, tuple[Any, _Assignment]] = {}
        self._idle: deque[Any] = deque()
        self._due: deque[_Assignment] = deque()
        self._failed_starts = 0
        for _ in range(size):
            self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Send everybody home."""
        at_work = [worker for worker, _ in self._busy.values()]
        for worker in [*self._starting.values(), *at_work, *self._idle]:
            self._backend.stop(worker)

    def read(self, chunks: Iterable[Chunk], job: Job, attempts: int) -> Iterator[ChunkRead]:
        """What came of each chunk, in the order of the chunks; they are taken as needed.

        Args:
            chunks: what to read.
            job: what to write.
            attempts: how often a chunk is tried before its images are suspected.

        Raises:
            PolyclinicError: as of `finished`.
        """
        done: dict[int, ChunkRead] = {}
        waiting: deque[int] = deque()
        for chunk in chunks:
            self.put(attempts_at(chunk, job, attempts))
            waiting.append(chunk.number)
            while len(waiting) >= AHEAD * self.size:
                done |= {read.number: read for read in self.finished()}
                yield from _next(waiting, done)
        while waiting:
            done |= {read.number: read for read in self.finished()}
            yield from _next(waiting, done)

    def put(self, attempts: Attempts) -> None:
        """Take on a chunk."""
        self._due.append(_Assignment(attempts, next(attempts)))
        self._assign()

    def finished(self) -> list[ChunkRead]:
        """Wait until something happened; the chunks that are done by it, often none.

        Raises:
            PolyclinicError: a worker raised it, a chunk can't be read, or nobody is at work.
        """
        waited_for = [*self._busy, *self._starting]
        ready = self._backend.wait(waited_for, STUCK_S if self._busy else PATIENCE_S)
        stuck = () if ready else tuple(self._busy)
        if not ready and not stuck:
            raise RunError(
                f"no worker started within {PATIENCE_S:.0f} s",
                where=self._backend.where,
                hint="see what the machines are busy with, such as by `ray status` of a cluster",
            )
        settled = [self._settle(one, stuck=not ready) for one in (*ready, *stuck)]
        self._assign()
        return [read for read in settled if read is not None]

    def _settle(self, reference: Any, *, stuck: bool) -> ChunkRead | None:
        if reference in self._starting:
            self._settle_start(reference)
            return None
        worker, assignment = self._busy.pop(reference)
        try:
            if stuck:
                raise Lost(f"no answer within {STUCK_S:.0f} s")
            read = self._backend.read(reference)
            self._idle.append(worker)
        except Lost as lost:
            read, number = None, assignment.due.chunk.number
            self._told(f"a worker was lost ({lost}); chunk {number} is read again")
            self._replace(worker)
        try:
            self._due.appendleft(_Assignment(assignment.attempts, assignment.attempts.send(read)))
        except StopIteration as end:
            whole: ChunkRead = end.value
            return whole
        return None

    def _settle_start(self, reference: Any) -> None:
        worker = self._starting.pop(reference)
        try:
            said = self._backend.started(reference)
        except Lost as lost:
            self._failed_starts += 1
            if self._failed_starts > 2 * self.size:
                raise RunError(
                    f"workers die before they have opened the reader ({lost})",
                    where=self._backend.where,
                    hint="they may run out of memory: have fewer of them (--workers)",
                ) from None
            self._replace(worker)
        else:
            self._failed_starts = 0
            self._idle.append(worker)
            if said:
                self._told(said)

    def _replace(self, worker: Any) -> None:
        self._backend.stop(worker)
        self._start()

    def _start(self) -> None:
        worker, awaited = self._backend.start()
        self._starting[awaited] = worker

    def _assign(self) -> None:
        while self._idle and self._due:
            worker, assignment = self._idle.popleft(), self._due.popleft()
            self._busy[self._backend.give(worker, assignment.due)] = (worker, assignment)


def _next(waiting: deque[int], done: dict[int, ChunkRead]) -> Iterator[ChunkRead]:
    """The chunks whose turn it is."""
    while waiting and waiting[0] in done:
        yield done.pop(waiting.popleft())
