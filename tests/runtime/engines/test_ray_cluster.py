"""What polyclinic makes of Ray: no statistics, a clear word where it is missing."""

import os
import sys

import pytest

from polyclinic.errors import ConfigError, RunError
from polyclinic.runtime.engines.ray_cluster import import_ray, ray_cluster, room_for, shared_out


class Nodes:
    """As much of Ray as says which machines there are: (CPUs, GPUs, alive)."""

    def __init__(self, *machines):
        self.machines = machines

    def nodes(self):
        return [
            {"Alive": alive, "Resources": {"CPU": float(cpus), "GPU": float(gpus)}}
            for cpus, gpus, alive in self.machines
        ]


def test_missing_ray_names_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match=r"pip install 'polyclinic\[ray\]'"):
        import_ray()


def test_usage_statistics_are_off_before_ray_is_imported(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "1")
    with pytest.raises(ConfigError):
        import_ray()
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"


@pytest.mark.slow
def test_nobody_is_told_of_a_cluster(cluster):
    from ray._common.usage import usage_lib

    @cluster.remote
    def environment():
        return dict(os.environ)

    assert not usage_lib.usage_stats_enabled()
    theirs = cluster.get(environment.remote())
    assert theirs["RAY_USAGE_STATS_ENABLED"] == "0"
    assert theirs["RAY_USAGE_STATS_REPORT_URL"].startswith("http://127.0.0.1")


@pytest.mark.slow
def test_a_second_user_stays_in_the_cluster(cluster):
    with ray_cluster() as again:
        assert again is cluster
    assert cluster.is_initialized()


@pytest.mark.parametrize(
    ("machines", "cpus", "processes", "gpus"),
    [
        ([(4, 0, True), (3, 0, True)], 2, 3, 0),
        ([(4, 0, True), (8, 0, False)], 1, 4, 0),
        ([(16, 2, True), (16, 0, True)], 4, 2, 1),
        ([(4, 8, True)], 2, 2, 1),
    ],
)
def test_room(machines, cpus, processes, gpus):
    room = room_for(Nodes(*machines), cpus)
    assert (room.processes, room.gpus) == (processes, gpus)


def test_no_room():
    with pytest.raises(RunError, match="at most 4"):
        room_for(Nodes((4, 0, True)), 5)


@pytest.mark.parametrize(
    ("machines", "processes", "cpus"),
    [
        ([(16, 0, True)], 5, 3),
        ([(2, 0, True)], 5, 1),
        ([(8, 0, True), (8, 0, True)], 2, 8),
        ([(16, 2, True)], 5, 8),
    ],
)
def test_cpus_are_shared_out(machines, processes, cpus):
    assert shared_out(Nodes(*machines), processes) == cpus
