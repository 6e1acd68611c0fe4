"""Read on a Ray cluster: several machines, or this one with several processes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from polyclinic.runtime.engines.attempts import attempts_at
from polyclinic.runtime.engines.engine import Chunk, ChunkRead, ReaderSource
from polyclinic.runtime.engines.job import Job
from polyclinic.runtime.engines.ray_cluster import ray_cluster, room_for
from polyclinic.runtime.engines.ray_crew import Crew, Told
from polyclinic.runtime.engines.ray_worker import Place

AHEAD = 3
"""Chunks a worker that may be on their way or wait for an earlier one."""


def _silent(_: str) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class RayEngine:
    """Hands chunks to workers, each a process with a reader of its own.

    What a worker does to a chunk is what `read_chunk` does, with files that are whole or not
    there; so a chunk whose worker dies is read again by another one, and nothing doubles.

    Args:
        address: of the cluster, as in `ray_cluster`.
        workers: how many; None takes as many as the cluster has room for.
        cpus: of each worker, and threads of its network.
        attempts: how often a chunk is tried before its images are suspected of killing workers.
        told: called with what users should know.
    """

    address: str | None = None
    workers: int | None = None
    cpus: int = 1
    attempts: int = 3
    told: Told = _silent

    def read(self, source: ReaderSource, chunks: Iterable[Chunk], job: Job) -> Iterator[ChunkRead]:
        """What came of each chunk, in the order of the chunks; they are taken as needed.

        Raises:
            PolyclinicError: Ray or the reader can't be used, or workers die without a reason that
                lies in an image.
        """
        with ray_cluster(self.address) as ray, self._crew(ray, source) as crew:
            done: dict[int, ChunkRead] = {}
            waiting: deque[int] = deque()
            for chunk in chunks:
                crew.put(attempts_at(chunk, job, self.attempts))
                waiting.append(chunk.number)
                while len(waiting) >= AHEAD * crew.size:
                    done |= {read.number: read for read in crew.finished()}
                    yield from _next(waiting, done)
            while waiting:
                done |= {read.number: read for read in crew.finished()}
                yield from _next(waiting, done)

    def _crew(self, ray: ModuleType, source: ReaderSource) -> Crew:
        room = room_for(ray, self.cpus)
        return Crew(
            ray,
            source,
            Place(folder=Path.cwd(), threads=self.cpus),
            size=self.workers or room.processes,
            gpus=room.gpus,
            told=self.told,
        )


def _next(waiting: deque[int], done: dict[int, ChunkRead]) -> Iterator[ChunkRead]:
    """The chunks whose turn it is."""
    while waiting and waiting[0] in done:
        yield done.pop(waiting.popleft())
