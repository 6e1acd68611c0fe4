"""The workers of a read on a cluster: who is doing what, and who takes the place of the lost."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Self

from polyclinic.errors import RunError
from polyclinic.runtime.engines.attempts import Attempt, Attempts
from polyclinic.runtime.engines.engine import ChunkRead, ReaderSource
from polyclinic.runtime.engines.ray_calls import Lost, result_of
from polyclinic.runtime.engines.ray_worker import Place, Worker

PATIENCE_S = 600.0
"""How long nobody may be at work before the cluster is given up."""

Told = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class _Errand:
    """A chunk on its way through its attempts, and the one that is due."""

    attempts: Attempts
    due: Attempt


class Crew:
    """Workers on a cluster, each with at most one chunk, which it alone is blamed for.

    Args:
        ray: the module, joined to a cluster.
        source: how a worker gets the reader.
        place: where they work.
        size: how many there are to be; fewer work where the cluster has no room for all.
        gpus: that each of them has.
        told: called with what users should know.
    """

    def __init__(
        self,
        ray: ModuleType,
        source: ReaderSource,
        place: Place,
        *,
        size: int,
        gpus: int,
        told: Told,
    ) -> None:
        self._ray, self._told, self.size = ray, told, size
        actor = ray.remote(Worker).options(
            num_cpus=place.threads,
            num_gpus=gpus,
            max_restarts=0,  # a new worker is hired instead, wherever there is room
            scheduling_strategy="SPREAD",
        )
        self._make = lambda: actor.remote(source, place)
        self._starting: dict[Any, Any] = {}
        self._busy: dict[Any, tuple[Any, _Errand]] = {}
        self._idle: deque[Any] = deque()
        self._due: deque[_Errand] = deque()
        self._failed_starts = 0
        for _ in range(size):
            self._hire()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Send everybody home."""
        at_work = [worker for worker, _ in self._busy.values()]
        for worker in [*self._starting.values(), *at_work, *self._idle]:
            self._ray.kill(worker)

    def put(self, attempts: Attempts) -> None:
        """Take on a chunk."""
        self._due.append(_Errand(attempts, next(attempts)))
        self._assign()

    def finished(self) -> list[ChunkRead]:
        """Wait until something happened; the chunks that are done by it, often none.

        Raises:
            PolyclinicError: a worker raised it, a chunk can't be read, or nobody is at work.
        """
        waited_for = [*self._busy, *self._starting]
        patience = None if self._busy else PATIENCE_S
        ready, _ = self._ray.wait(waited_for, timeout=patience)
        if not ready:
            raise RunError(
                f"no worker started within {PATIENCE_S:.0f} s",
                where="--engine ray",
                hint="see `ray status` for what the cluster waits for",
            )
        done = [read for one in ready if (read := self._settle(one)) is not None]
        self._assign()
        return done

    def _settle(self, reference: Any) -> ChunkRead | None:
        if reference in self._starting:
            self._settle_start(reference)
            return None
        worker, errand = self._busy.pop(reference)
        try:
            read = result_of(self._ray, reference)
            self._idle.append(worker)
        except Lost:
            read = None
            self._told(f"a worker was lost; chunk {errand.due.chunk.number} is read again")
            self._replace(worker)
        try:
            self._due.appendleft(_Errand(errand.attempts, errand.attempts.send(read)))
        except StopIteration as end:
            whole: ChunkRead = end.value
            return whole
        return None

    def _settle_start(self, reference: Any) -> None:
        worker = self._starting.pop(reference)
        try:
            process = result_of(self._ray, reference)
        except Lost as lost:
            self._failed_starts += 1
            if self._failed_starts > 2 * self.size:
                raise RunError(
                    f"workers die before they have opened the reader ({lost})",
                    where="--engine ray",
                    hint="they may run out of memory: give each worker more CPUs, so that there "
                    "are fewer",
                ) from None
            self._replace(worker)
        else:
            self._failed_starts = 0
            self._idle.append(worker)
            self._told(f"a worker reads on {process}")

    def _replace(self, worker: Any) -> None:
        self._ray.kill(worker)  # it may live on where nobody can reach it
        self._hire()

    def _hire(self) -> None:
        worker = self._make()
        self._starting[worker.prepare.remote()] = worker

    def _assign(self) -> None:
        while self._idle and self._due:
            worker, errand = self._idle.popleft(), self._due.popleft()
            self._busy[worker.read.remote(errand.due)] = (worker, errand)
