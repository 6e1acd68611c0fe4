from __future__ import annotations

import os
import signal
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import cv2
import pytest
import torch

from polyclinic.errors import ImageError, TrainingError
from polyclinic.training.loader import batches
from polyclinic.training.order import Order
from tests.training.toy import load_toy

WORKERS = pytest.mark.parametrize("workers", [0, 2])
BAD = 7


def _batches(load, workers, first=0, last=5):
    return batches(
        load,
        Order(range(12), 4, 0),
        first=first,
        last=last,
        workers=workers,
        name_of="row {}".format,
    )


def _failing(error):
    def load(row, key):
        if row == BAD:
            raise error
        return load_toy(row, key)

    return load


def test_batches_are_the_same_with_and_without_workers():
    for mine, theirs in zip(_batches(load_toy, 0), _batches(load_toy, 2), strict=True):
        assert mine.names == theirs.names
        assert mine.keys == theirs.keys
        assert torch.equal(mine.images, theirs.images)


def test_a_later_step_is_reached_directly():
    whole = list(_batches(load_toy, 0))
    assert [b.keys for b in _batches(load_toy, 0, first=3)] == [b.keys for b in whole[3:]]


@WORKERS
def test_our_errors_arrive_whole(workers):
    error = ImageError("is cut short", expected="a whole file", where="a.jpg", hint="copy it again")
    with pytest.raises(ImageError) as caught:
        list(_batches(_failing(error), workers))
    assert str(caught.value) == str(error)
    assert caught.value.hint == "copy it again"


@WORKERS
def test_our_errors_without_a_place_get_the_name_of_the_sample(workers):
    with pytest.raises(ImageError, match="row 7: is cut short"):
        list(_batches(_failing(ImageError("is cut short")), workers))


@WORKERS
def test_other_errors_name_the_sample_and_the_cause(workers):
    with pytest.raises(TrainingError, match=r"row 7: .*ZeroDivisionError: by zero"):
        list(_batches(_failing(ZeroDivisionError("by zero")), workers))


def test_samples_that_do_not_stack_are_named():
    def load(row, key):
        sample = load_toy(row, key)
        return sample if row != BAD else type(sample)(sample.image[:1, 0], {}, key, sample.name)

    with pytest.raises(TrainingError, match=r"toy-7\.png"):
        list(_batches(load, 0))


def _dying(row, key):
    if row == BAD:
        os.kill(os.getpid(), signal.SIGKILL)
    return load_toy(row, key)


def _said_of_a_dead_worker():
    with pytest.raises(TrainingError) as error:
        list(_batches(_dying, 1))
    return str(error.value)


def test_a_worker_that_dies_is_reported():
    # From a process of its own: one that had run many other tests went down with the worker.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert "train.workers" in pool.submit(_said_of_a_dead_worker).result()


def test_workers_use_one_thread():
    def load(row, key):
        sample = load_toy(row, key)
        sample.targets["threads"] = {
            "all": torch.tensor([torch.get_num_threads(), cv2.getNumThreads()])
        }
        return sample

    for batch in _batches(load, 1, last=2):
        assert all(t["all"].tolist() == [1, 1] for t in batch.targets["threads"])
