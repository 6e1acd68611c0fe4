"""Ray as polyclinic uses it: nothing is reported to anybody, and what was started is ended.

Ray is an optional dependency (`pip install 'polyclinic[ray]'`), imported when it is asked for.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from polyclinic.errors import ConfigError, RunError

NO_STATISTICS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # Switched off, Ray would still report once that it is switched off.
    "RAY_USAGE_STATS_REPORT_URL": "http://127.0.0.1:9",
}
"""Environment of Ray, read when it is imported and by each process that it starts."""

STORE_BYTES = 128 * 2**20
"""Shared memory of a cluster on this machine: what comes back is rows, never pixels."""


def import_ray() -> ModuleType:
    """Ray with its usage statistics switched off.

    Raises:
        ConfigError: it is not installed.
    """
    os.environ.update(NO_STATISTICS)
    try:
        import ray
    except ModuleNotFoundError as error:
        if error.name != "ray":
            raise
        raise ConfigError(
            "Ray is not installed",
            where="--engine ray",
            hint="install it with: pip install 'polyclinic[ray]'",
        ) from None
    return ray


@contextmanager
def ray_cluster(address: str | None = None, *, cpus: int | None = None) -> Iterator[ModuleType]:
    """Join a cluster, or start one on this machine; left, or ended, with the block.

    Args:
        address: `host:port` of a cluster's head, or `auto`; None takes `RAY_ADDRESS` and, where
            that is not set, starts a cluster on this machine. A process that has joined a cluster
            already stays in it.
        cpus: of a cluster that is started; None gives it those of this process.

    Raises:
        ConfigError: Ray is not installed.
        RunError: the cluster does not answer, or can't be started.
    """
    ray = import_ray()
    if ray.is_initialized():
        yield ray
        return
    address = address or os.environ.get("RAY_ADDRESS") or None
    options = {"address": address} if address else _starting(cpus)
    try:
        ray.init(log_to_driver=False, logging_level=logging.ERROR, **options)
    except Exception as error:  # Ray raises whatever stopped it, bare `Exception` among it
        ray.shutdown()
        what = "there is no Ray cluster" if address else "Ray could not be started"
        raise RunError(
            f"{what} ({str(error).strip().splitlines()[0]})",
            where=address or "this machine",
            hint="see docs/cluster.md",
        ) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _starting(cpus: int | None) -> dict[str, Any]:
    """A cluster for this command alone: others on this machine don't have its token."""
    if not any(name.startswith("RAY_AUTH_") for name in os.environ):
        # Without one, Ray would write a token into the home folder.
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    return {
        "address": "local",
        "include_dashboard": False,
        "num_cpus": cpus or len(os.sched_getaffinity(0)),
        "object_store_memory": STORE_BYTES,
    }


@dataclass(frozen=True, kw_only=True)
class Room:
    """What a cluster has room for.

    Args:
        processes: that can work at a time, 1 or more.
        gpus: of each of them.
    """

    processes: int
    gpus: int


def room_for(ray: ModuleType, cpus: int) -> Room:
    """How many processes of some CPUs a cluster holds; each has a GPU where there are any.

    Raises:
        RunError: not even one.
    """
    machines = _machines(ray)
    if not (processes := _processes(machines, cpus)):
        raise RunError(
            f"no machine of the cluster has {cpus} CPUs",
            expected=f"at most {max(cpu for cpu, _ in machines)}",
            where="--cpus",
        )
    return Room(processes=processes, gpus=int(any(gpu for _, gpu in machines)))


def shared_out(ray: ModuleType, processes: int) -> int:
    """CPUs of each of some processes that share all that a cluster has; 1 or more."""
    machines = _machines(ray)
    together = min(processes, _processes(machines, 1))
    most = max(cpu for cpu, _ in machines)
    return next(cpus for cpus in range(most, 0, -1) if _processes(machines, cpus) >= together)


def _machines(ray: ModuleType) -> list[tuple[int, int]]:
    """CPUs and GPUs of each machine."""
    alive = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    return [(int(one.get("CPU", 0)), int(one.get("GPU", 0))) for one in alive]


def _processes(machines: Sequence[tuple[int, int]], cpus: int) -> int:
    """How many have room; where any machine has GPUs, only with one each."""
    scarce = any(gpu for _, gpu in machines)
    return sum(min(cpu // cpus, gpu) if scarce else cpu // cpus for cpu, gpu in machines)
