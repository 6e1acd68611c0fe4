"""Read on a Ray cluster: several machines, or this one with several processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from polyclinic.runtime.engines.crew import ATTEMPTS, Crew, Told, silent
from polyclinic.runtime.engines.engine import Chunk, ChunkRead, ReaderSource
from polyclinic.runtime.engines.job import Job
from polyclinic.runtime.engines.ray_cluster import ray_cluster, room_for
from polyclinic.runtime.engines.ray_staff import RayStaff
from polyclinic.runtime.engines.worker import Place


@dataclass(frozen=True, kw_only=True)
class RayEngine:
    """Hands chunks to workers, each a process with a reader of its own.

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
    attempts: int = ATTEMPTS
    told: Told = silent

    def read(self, source: ReaderSource, chunks: Iterable[Chunk], job: Job) -> Iterator[ChunkRead]:
        """What came of each chunk, in the order of the chunks; they are taken as needed.

        Raises:
            PolyclinicError: Ray or the reader can't be used, or workers die without a reason that
                lies in an image.
        """
        with ray_cluster(self.address) as ray:
            room = room_for(ray, self.cpus)
            place = Place(folder=Path.cwd(), threads=self.cpus)
            staff = RayStaff(ray, source, place, gpus=room.gpus)
            with Crew(staff, size=self.workers or room.processes, told=self.told) as crew:
                yield from crew.read(chunks, job, self.attempts)
