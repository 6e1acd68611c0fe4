"""Where a read takes place, and that no output depends on it."""

from __future__ import annotations

import os

import pytest
from rich.console import Console

from polyclinic.cli.engines import EngineName, reading_engine
from polyclinic.errors import ConfigError
from polyclinic.runtime.engines import LocalEngine
from polyclinic.runtime.engines.processes import MOST, ProcessEngine

CONSOLE = Console(quiet=True)


def local(workers=None, cpus=None, *, pays=False):
    return reading_engine(EngineName.LOCAL, None, workers, cpus, CONSOLE, pays=pays)


def test_processes_where_they_pay_or_are_asked_for(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(3)))
    assert isinstance(local(), LocalEngine)
    assert isinstance(local(1, pays=True), LocalEngine)
    for engine, workers in ((local(pays=True), 3), (local(2), 2), (local(5), 5)):
        assert isinstance(engine, ProcessEngine)
        assert engine.workers == workers


def test_one_core_has_one_process_and_many_have_no_more_than_told(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert isinstance(local(pays=True), LocalEngine)
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    assert local(pays=True).workers == MOST


def test_cpus_are_for_a_cluster():
    with pytest.raises(ConfigError, match="--cpus 2"):
        local(cpus=2)


@pytest.mark.slow
def test_two_processes_write_what_one_does(polyclinic, toy_run, phantoms, tmp_path):
    images, files = phantoms.parent / "images", []
    for workers in (1, 2):
        out = tmp_path / str(workers)
        code, said, _ = polyclinic("read", toy_run, images, "--out", out, "--workers", workers)
        assert code == 0
        assert "read 8 of 8 images" in said
        files.append({f.relative_to(out): f.read_bytes() for f in out.rglob("*") if f.is_file()})
    assert files[0] == files[1]
    assert len(files[0]) > 8
