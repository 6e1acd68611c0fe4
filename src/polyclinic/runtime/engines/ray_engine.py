"""Read on a Ray cluster: several machines, or this one with several workers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from polyclinic.console import MessageCallback
from polyclinic.runtime.engines.attempts import Attempt
from polyclinic.runtime.engines.engine import Chunk, ChunkRead, ReaderSource
from polyclinic.runtime.engines.job import Job
from polyclinic.runtime.engines.ray_cluster import ray_cluster, room_for
from polyclinic.runtime.engines.worker import Place, Worker
from polyclinic.runtime.engines.worker_pool import ATTEMPTS, Lost, WorkerPool, silent


def result_of(ray: ModuleType, reference: Any) -> Any:
    """What a finished task or actor call gave.

    Args:
        ray: the module.
        reference: what the call returned.

    Raises:
        Exception: what the code raised, as it was.
        Lost: its process died, or the result went down with its machine.
    """
    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        raise _raised(error) from error
    except ray.exceptions.RayError as error:
        raise Lost(str(error).strip().splitlines()[0]) from error


def _raised(error: Any) -> Exception:
    cause = getattr(error, "cause", None)
    return cause if isinstance(cause, Exception) else error


class RayBackend:
    """Hires actors, wherever the cluster has room.

    Args:
        ray: the module, joined to a cluster.
        source: how a worker gets the reader.
        place: where they work.
        gpus: that each of them has.
    """

    where = "--engine ray"

    def __init__(self, ray: ModuleType, source: ReaderSource, place: Place, *, gpus: int) -> None:
        self._ray = ray
        actor = ray.remote(Worker).options(
            num_cpus=place.threads,
            num_gpus=gpus,
            max_restarts=0,  # a new worker is started instead, wherever there is room
            scheduling_strategy="SPREAD",
        )
        self._make = lambda: actor.remote(source, place)

    def start(self) -> tuple[Any, Any]:
        """An actor."""
        worker = self._make()
        return worker, worker.prepare.remote()

    def give(self, worker: Any, attempt: Attempt) -> Any:
        """A call of the actor."""
        return worker.read.remote(attempt)

    def wait(self, awaited: Sequence[Any], patience_s: float | None) -> Sequence[Any]:
        """The first call that is over, wherever."""
        ready: Sequence[Any] = self._ray.wait(list(awaited), timeout=patience_s)[0]
        return ready

    def started(self, awaited: Any) -> str:
        """Which machine and process an actor is."""
        return f"a worker reads on {result_of(self._ray, awaited)}"

    def read(self, awaited: Any) -> ChunkRead:
        """What a call gave."""
        read: ChunkRead = result_of(self._ray, awaited)
        return read

    def stop(self, worker: Any) -> None:
        """Kill the actor; it may live on where nobody can reach it."""
        self._ray.kill(worker)


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
    told: MessageCallback = silent

    def read(self, source: ReaderSource, chunks: Iterable[Chunk], job: Job) -> Iterator[ChunkRead]:
        """What came of each chunk, in the order of the chunks; they are taken as needed.

        Raises:
            PolyclinicError: Ray or the reader can't be used, or workers die without a reason that
                lies in an image.
        """
        with ray_cluster(self.address) as ray:
            room = room_for(ray, self.cpus)
            place = Place(folder=Path.cwd(), threads=self.cpus)
            backend = RayBackend(ray, source, place, gpus=room.gpus)
            with WorkerPool(backend, size=self.workers or room.processes, told=self.told) as pool:
                yield from pool.read(chunks, job, self.attempts)
