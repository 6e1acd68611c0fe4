"""Two reads into one folder: one after the other, and never one into the other's."""

import threading

import numpy as np
import pytest
from PIL import Image

from polyclinic.errors import RunError
from polyclinic.runtime.engines import LocalEngine
from polyclinic.runtime.inputs import samples_from
from polyclinic.runtime.stream import progress as module
from polyclinic.runtime.stream import read_all
from tests.runtime.stream.seeing import Given, Seeing, draw_images, files_of, job_into, seeing


@pytest.fixture
def samples(tmp_path):
    return samples_from([draw_images(tmp_path / "images", 6)])


class Waiting(Seeing):
    """Reads once it may."""

    def __init__(self):
        super().__init__()
        self.begun, self.may = threading.Event(), threading.Event()

    def read_batch(self, samples):
        self.begun.set()
        assert self.may.wait(30)
        return super().read_batch(samples)


@pytest.fixture
def first(samples, tmp_path):
    """A reader that waits in a read that another thread has begun."""
    reader = Waiting()
    (tmp_path / "reader").touch()
    arguments = (Given(reader, tmp_path / "reader"), samples, job_into(tmp_path / "out"))
    thread = threading.Thread(target=read_all, args=(*arguments, LocalEngine()))
    thread.start()
    assert reader.begun.wait(30)
    yield reader
    reader.may.set()
    thread.join(30)


def test_a_second_read_waits_and_then_reads(first, samples, tmp_path):
    threading.Timer(0.3, first.may.set).start()
    outcome = read_all(seeing(tmp_path), samples, job_into(tmp_path / "out"), LocalEngine())
    assert outcome.images == 6
    assert not [name for name in files_of(tmp_path / "out") if name.startswith(".")]


def test_a_second_read_that_waits_too_long_says_so(first, samples, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_PATIENCE_S", 0.1)
    with pytest.raises(RunError, match=r"another process is reading.*--out"):
        read_all(seeing(tmp_path), samples, job_into(tmp_path / "out"), LocalEngine())


def test_names_that_differ_in_case_alone_give_pictures_that_differ_otherwise(tmp_path):
    (tmp_path / "images").mkdir()
    for name in ("A.png", "a.png"):
        Image.fromarray(np.full((24, 32, 3), 200, np.uint8)).save(tmp_path / "images" / name)
    samples = samples_from([tmp_path / "images"])
    read_all(seeing(tmp_path), samples, job_into(tmp_path / "out"), LocalEngine())
    drawn = [name.lower() for name in files_of(tmp_path / "out") if name.startswith("overlays")]
    assert len(set(drawn)) == 2
