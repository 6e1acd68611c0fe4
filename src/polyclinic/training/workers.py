"""How many loader processes a machine has room for: cores, memory and shared memory.

A container sees the cores and the memory of its whole machine; what it may use of them its control
group says, in files of two kinds (cgroup v1 and v2).
"""

from __future__ import annotations

import math
import os
import pickle
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from polyclinic.tasks import collate
from polyclinic.training.loader import LoadEncoded
from polyclinic.training.order import Order

SHARED = Path("/dev/shm")
GROUPS = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")
UNLIMITED = 1 << 60
"""Limits from here on are none: cgroup v1 writes the largest number of pages."""


@dataclass(frozen=True, kw_only=True)
class Room:
    """What there is for this process and its children.

    Args:
        cores: that it may keep busy.
        memory: bytes free for it; infinite where nothing says it.
        shared: bytes free in shared memory; infinite where it has no place of its own.
    """

    cores: int
    memory: float
    shared: float

    @classmethod
    def here(cls) -> Self:
        """That of this process, now."""
        return cls(cores=cores(), memory=memory(), shared=shared_memory())


def cores(groups: Path = GROUPS, membership: Path = MEMBERSHIP) -> int:
    """Cores that this process may use: those it is bound to, and no more than its time allows."""
    bound = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    allowed: list[float] = [bound]
    for folder in _folders("cpu", groups, membership):
        quota, _, period = _said(folder / "cpu.max").partition(" ")
        if not quota:
            quota = _said(folder / "cpu.cfs_quota_us")
            period = _said(folder / "cpu.cfs_period_us")
        if quota.isdecimal() and period.isdecimal() and int(period):
            allowed.append(int(quota) / int(period))
    return max(1, math.floor(min(allowed)))


def memory(groups: Path = GROUPS, membership: Path = MEMBERSHIP) -> float:
    """Bytes of memory that are free for this process; infinite where nothing says it."""
    free = [_free_in_machine()]
    for folder in _folders("memory", groups, membership):
        for most, used in (
            ("memory.max", "memory.current"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes"),
        ):
            limit, usage = _said(folder / most), _said(folder / used)
            if limit.isdecimal() and int(limit) < UNLIMITED:
                kept = int(usage) if usage.isdecimal() else 0
                free.append(float(int(limit) - max(0, kept - _cached(folder))))
    return max(0.0, min(free))


def shared_memory(place: Path = SHARED) -> float:
    """Bytes free in shared memory; infinite where it has no place that could be full."""
    try:
        return float(shutil.disk_usage(place).free)
    except OSError:
        return math.inf


def _folders(controller: str, groups: Path, membership: Path) -> Iterator[Path]:
    """The control groups that this process is in, from the inmost to the outmost.

    In a container the names may be those outside of it; then only the outmost ones are there.
    """
    for line in _said(membership).splitlines():
        _, controllers, name = [*line.split(":", 2), "", ""][:3]
        if controllers and controller not in controllers.split(","):
            continue
        root = groups / controllers if controllers else groups
        root = root if root.is_dir() else groups / controller
        folder = root / name.lstrip("/")
        yield from (one for one in (folder, *folder.parents) if one.is_relative_to(root))


def _cached(folder: Path) -> int:
    """Bytes that a group uses for files, which are given up when memory is asked for."""
    for line in _said(folder / "memory.stat").splitlines():
        name, _, value = line.partition(" ")
        if name in ("inactive_file", "total_inactive_file") and value.isdecimal():
            return int(value)
    return 0


def _free_in_machine() -> float:
    for line in _said(Path("/proc/meminfo")).splitlines():
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            return 1024.0 * int(value.split()[0])
    return math.inf


def _said(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""


MOST_WORKERS = 8
AHEAD = 2
"""Batches that a worker keeps ready, as of `DataLoader.prefetch_factor`."""
OWN_MEMORY = 512 << 20
"""Bytes of memory that a worker takes besides its batches: decoders, films, what it copies."""
UNEVEN = 1.5
"""How much larger than the first batch a batch may be."""


def fitting_workers(accelerator: str, devices: int, room: Room, batch_bytes: int) -> int:
    """How many loader processes suit this machine.

    A processor that also runs the network gains from one process that prepares ahead; a GPU must
    be kept fed by most of the cores. Either way there are no more than shared memory and memory
    hold the batches of.

    Args:
        accelerator: type of the device, such as `cpu`.
        devices: how many train together here.
        room: what the machine has left.
        batch_bytes: of the tensors of one batch of one device.
    """
    if accelerator == "cpu":
        wanted = min(1, room.cores - 1)
    else:
        wanted = min(MOST_WORKERS, room.cores // devices - 1)
    # Besides those that are kept ready there is the one that is trained on, and one in the making.
    batch = max(1.0, UNEVEN * batch_bytes)
    by_shared = (room.shared / devices - batch) / ((AHEAD + 1) * batch)
    by_memory = room.memory / devices / ((AHEAD + 1) * batch + OWN_MEMORY)
    return max(0, int(min(wanted, by_shared, by_memory)))


def batch_bytes(load_encoded: LoadEncoded, order: Order, step: int) -> int:
    """Bytes of a batch, judged by its first sample; 0 where this one can't be loaded.

    What is wrong with a sample is told when its turn comes.
    """
    places = order.batch(step)
    try:
        sample = load_encoded(places[0].row, places[0].key)
        return len(places) * len(pickle.dumps(collate([sample]), pickle.HIGHEST_PROTOCOL))
    except Exception:
        return 0
