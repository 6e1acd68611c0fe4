"""Readers go into other processes, forked or spawned, and read there what they read here."""

from __future__ import annotations

import copy
import faulthandler
import hashlib
import multiprocessing
import os
import pickle
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from threading import Lock, Thread

import numpy as np
import pytest

from polyclinic import own_process
from polyclinic.own_process import OwnOfProcess, wait_for_other_threads
from polyclinic.runtime.ensemble import Ensemble
from polyclinic.runtime.export.write import export
from polyclinic.runtime.exported import open_exported
from tests.runtime.exported.readers import KINDS

PATIENCE_S = 120
BY_NAME = {kind.name: kind for kind in KINDS}
RUNTIMES = ("torch", "onnxruntime", "openvino")


def same(first, second):
    """To the last bit."""
    assert first.error is None
    assert len(first.instances or ()) == len(second.instances or ())
    for mine, theirs in zip(first.instances or (), second.instances or (), strict=True):
        assert np.array_equal(mine.box, theirs.box)
        assert mine.score == theirs.score
    assert first.findings == second.findings
    assert first.measurements == second.measurements


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A reader of a kind in a runtime, opened once."""
    known = {}

    def make(name, runtime):
        if (name, runtime) not in known:
            reader = BY_NAME[name].make()
            if runtime == "ensemble":
                reader = Ensemble([reader, BY_NAME[name].make()])
            elif runtime != "torch":
                to = {"onnxruntime": "onnx"}.get(runtime, runtime)
                path = tmp_path_factory.mktemp("exported") / f"{name}.polyclinic"
                export(reader, path, to=to)
                reader = open_exported(path)
            known[name, runtime] = reader
        return known[name, runtime]

    return make


BACKENDS = [
    ("diagnose", "torch"),
    *(
        pytest.param(name, runtime, marks=pytest.mark.slow)
        for name in ("diagnose", "knee")
        for runtime in RUNTIMES[1:]
    ),
    ("knee", "torch"),
    ("segment", "ensemble"),
    pytest.param("kidney", "openvino", marks=pytest.mark.slow),
]


def _child(reader, samples, pipe):
    faulthandler.dump_traceback_later(PATIENCE_S / 2, exit=True)
    pipe.send(reader.read_batch(samples))


def _read_in(way, reader, samples):
    context = multiprocessing.get_context(way)
    mine, theirs = context.Pipe()
    process = context.Process(target=_child, args=(reader, samples, theirs))
    process.start()
    theirs.close()
    try:
        assert mine.poll(PATIENCE_S), "the child stands still"
        return mine.recv()
    finally:
        process.kill()
        process.join()


@pytest.mark.parametrize(("name", "runtime"), BACKENDS)
def test_a_forked_child_reads_the_same(made, name, runtime):
    reader, samples = made(name, runtime), BY_NAME[name].samples[:1]
    with ThreadPoolExecutor(2) as threads:  # from several threads, which the child won't have
        wanted, _ = threads.map(reader.read_batch, [samples] * 2)
    same(_read_in("fork", reader, samples)[0], wanted[0])
    same(reader.read_batch(samples)[0], wanted[0])


@pytest.mark.parametrize(("name", "runtime"), BACKENDS)
@pytest.mark.parametrize("way", [lambda one: pickle.loads(pickle.dumps(one)), copy.deepcopy])
def test_copies_read_the_same(made, name, runtime, way):
    reader, samples = made(name, runtime), BY_NAME[name].samples[:1]
    same(way(reader).read_batch(samples)[0], reader.read_batch(samples)[0])


@pytest.mark.slow
@pytest.mark.parametrize(("name", "runtime"), [("diagnose", "torch"), ("knee", "openvino")])
def test_a_spawned_child_reads_the_same(made, name, runtime):
    reader, samples = made(name, runtime), BY_NAME[name].samples[:1]
    same(_read_in("spawn", reader, samples)[0], reader.read_batch(samples)[0])


def test_pools_of_forked_children_read(made):
    reader, samples = made("diagnose", "torch"), BY_NAME["diagnose"].samples[:2]
    wanted = reader.read_batch(samples)
    fork = multiprocessing.get_context("fork")
    with fork.Pool(2) as pool:
        found = pool.map_async(reader.read, samples).get(PATIENCE_S)
    with ProcessPoolExecutor(1, mp_context=fork) as pool:
        again = [pool.submit(reader.read, one).result(PATIENCE_S) for one in samples]
    for one, two, three in zip(wanted, found, again, strict=True):
        same(one, two)
        same(one, three)


def test_several_threads_of_torch_do_not_stop_a_child():
    """In a process of its own, whose network has computed with four threads."""
    code = (
        "import multiprocessing, torch\n"
        "from tests.runtime.test_processes import BY_NAME, _read_in, same\n"
        "torch.set_num_threads(4)\n"
        "kind = BY_NAME['segment']\n"
        "reader = kind.make()\n"
        "wanted = reader.read_batch(kind.samples)\n"
        "for one, two in zip(_read_in('fork', reader, kind.samples), wanted, strict=True):\n"
        "    same(one, two)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=PATIENCE_S)


def test_a_lock_that_is_held_at_a_fork_is_free_in_the_child():
    own = OwnOfProcess(Lock)
    held = Thread(target=own().acquire)
    held.start()
    held.join()
    pid = os.fork()
    if pid == 0:
        os._exit(0 if own().acquire(timeout=5) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert own().locked()


def test_a_fork_waits_for_threads_that_are_at_work():
    """As those that have ended for Python but still give back what they held."""
    # One call that computes without the lock of the interpreter: it never waits for anything.
    work = partial(hashlib.pbkdf2_hmac, "sha256", b"word", b"salt", 3_000_000)
    thread = Thread(target=work)
    thread.start()
    started = time.monotonic()
    wait_for_other_threads()
    waited = time.monotonic() - started
    thread.join()
    assert waited >= 0.9 * own_process.PATIENCE_S
    wait_for_other_threads()
    assert not own_process._others_work()
