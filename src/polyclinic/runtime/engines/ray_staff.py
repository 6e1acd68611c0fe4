"""Workers on a Ray cluster."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

from polyclinic.runtime.engines.attempts import Attempt
from polyclinic.runtime.engines.engine import ChunkRead, ReaderSource
from polyclinic.runtime.engines.ray_calls import result_of
from polyclinic.runtime.engines.worker import Place, Worker


class RayStaff:
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
            max_restarts=0,  # a new worker is hired instead, wherever there is room
            scheduling_strategy="SPREAD",
        )
        self._make = lambda: actor.remote(source, place)

    def hire(self) -> tuple[Any, Any]:
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

    def dismiss(self, worker: Any) -> None:
        """Kill the actor; it may live on where nobody can reach it."""
        self._ray.kill(worker)
