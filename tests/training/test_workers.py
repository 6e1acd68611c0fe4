"""Loader processes are as many as there is room for, and small shared memory stops nothing."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import pytest
import torch

from polyclinic.errors import TrainingError
from polyclinic.tasks import Encoded
from polyclinic.training import loader, workers
from polyclinic.training.loader import batches
from polyclinic.training.order import Order
from polyclinic.training.workers import Room, batch_bytes, fitting_workers

GB = 1 << 30
LARGE = """
import torch
from polyclinic.tasks import Encoded
from polyclinic.training.loader import batches
from polyclinic.training.order import Order

def load(row, key):
    return Encoded(torch.full((3, 1024, 1024), row, dtype=torch.uint8), {}, key=key, name=str(row))

stream = batches(load, Order(range(16), 8, 0), first=0, last=8, workers=3, name_of=str)
for batch in stream:
    assert batch.images[:, 0, 0, 0].tolist() == [int(name) for name in batch.names]
print("read")
"""


@pytest.mark.parametrize(
    ("accelerator", "cores", "memory", "shared", "batch", "wanted"),
    [
        ("cuda", 16, math.inf, math.inf, 10 << 20, 8),
        ("cuda", 4, math.inf, math.inf, 10 << 20, 3),
        ("cpu", 16, math.inf, math.inf, 10 << 20, 1),
        ("cpu", 1, math.inf, math.inf, 10 << 20, 0),
        ("cuda", 16, math.inf, 64 << 20, 10 << 20, 1),
        ("cuda", 16, math.inf, 64 << 20, 30 << 20, 0),
        ("cuda", 16, 2 * GB, math.inf, 10 << 20, 3),
        ("cuda", 16, 0, math.inf, 0, 0),
    ],
)
def test_workers_fit_cores_memory_and_shared_memory(
    accelerator, cores, memory, shared, batch, wanted
):
    given = Room(cores=cores, memory=memory, shared=shared)
    assert fitting_workers(accelerator, 1, given, batch) == wanted


def _group(folder, **files):
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def test_limits_of_a_control_group_of_version_2_are_kept(tmp_path):
    (tmp_path / "self").write_text("0::/a/b\n")
    _group(tmp_path / "groups/a", cpu__max="100000 100000", memory__max="max")
    _group(tmp_path / "groups/a/b", memory__max="1000", memory__current="400")
    (tmp_path / "groups/a/b/memory.stat").write_text("anon 1\ninactive_file 100\n")
    given = tmp_path / "groups", tmp_path / "self"
    assert workers.cores(*given) == 1
    assert workers.memory(*given) == 700


def test_limits_of_a_control_group_of_version_1_are_kept_where_its_name_is_not_seen(tmp_path):
    (tmp_path / "self").write_text("9:memory:/docker/0\n8:cpu,cpuacct:/docker/0\n")
    _group(tmp_path / "groups/cpu", cpu__cfs_quota_us="150000", cpu__cfs_period_us="100000")
    _group(
        tmp_path / "groups/memory",
        memory__limit_in_bytes="1000",
        memory__usage_in_bytes="1",
    )
    given = tmp_path / "groups", tmp_path / "self"
    assert workers.cores(*given) == 1
    assert workers.memory(*given) == 999


def test_without_control_groups_the_machine_is_the_limit(tmp_path):
    nothing = tmp_path / "groups", tmp_path / "self"
    assert workers.cores(*nothing) == len(os.sched_getaffinity(0))
    assert workers.memory(*nothing) > 0
    assert workers.shared_memory(tmp_path / "none") == math.inf


def _load(row, key):
    return Encoded(torch.zeros(3, 8, 8, dtype=torch.uint8), {}, key=key, name=str(row))


def test_a_batch_is_judged_by_a_sample():
    order = Order(range(4), 4, 0)
    assert 4 * 3 * 32 * 32 <= batch_bytes(_load, order, 0) <= 4 * 3 * 32 * 32 + 8000
    assert batch_bytes(lambda row, key: 1 / 0, order, 0) == 0


@pytest.mark.slow
def test_full_shared_memory_stops_no_training():
    """In a mount of its own, where the machine lets us make one."""
    command = 'mount -t tmpfs -o size=16m tmpfs /dev/shm && exec "$0" -c "$1"'
    unshare = ["unshare", "-Urm", "sh", "-c"]
    try:
        subprocess.run([*unshare, command, "true", ""], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no mount can be made here: {error}")
    done = subprocess.run(
        [*unshare, command, sys.executable, LARGE], capture_output=True, text=True, timeout=100
    )
    assert done.stdout == "read\n", done.stderr


def test_a_worker_that_stands_still_is_told_of(monkeypatch):
    monkeypatch.setattr(loader, "PATIENCE_S", 1.0)

    def standing(row, key):
        while True:
            torch.zeros(1)

    stream = batches(standing, Order(range(4), 2, 0), first=0, last=2, workers=1, name_of=str)
    with pytest.raises(TrainingError, match="no batch came") as caught:
        next(stream)
    assert "train.workers" in caught.value.hint


class _Unsendable:
    def __reduce__(self):
        raise ZeroDivisionError("not to be sent")


def test_what_can_not_be_sent_is_told_of():
    def load(row, key):
        sample = _load(row, key)
        sample.targets["task"] = {"all": _Unsendable()}
        return sample

    stream = batches(load, Order(range(4), 2, 0), first=0, last=2, workers=1, name_of=str)
    with pytest.raises(TrainingError, match="not to be sent"):
        next(stream)
