"""A worker that gives no answer is lost, as one that dies is."""

from pathlib import Path

import numpy as np
import pytest

from polyclinic.errors import RunError
from polyclinic.runtime.engines import Chunk, Job
from polyclinic.runtime.engines.attempts import WHY, make_attempt
from polyclinic.runtime.engines.record import Record
from polyclinic.runtime.engines.worker_pool import STUCK_S, WorkerPool
from polyclinic.sample import Sample
from tests.runtime.stream.seeing import Seeing

STUCK = "stuck"


class Sleepy:
    """Workers that answer at once, but for the ones that meet a certain image."""

    where = "--workers"

    def __init__(self, *, opens: bool = True) -> None:
        self.opens, self.begun, self.stopped, self.given = opens, 0, 0, {}

    def start(self):
        self.begun += 1
        return self.begun, f"start {self.begun}"

    def give(self, worker, attempt):
        reference = f"work {len(self.given)}"
        self.given[reference] = attempt
        return reference

    def wait(self, awaited, patience_s):
        assert patience_s is not None, "nothing is waited for without end"
        return [one for one in awaited if self._answers(one)]

    def started(self, awaited):
        return ""

    def read(self, awaited):
        return make_attempt(Seeing(), self.given[awaited])

    def stop(self, worker):
        self.stopped += 1

    def _answers(self, reference):
        attempt = self.given.get(reference)
        if attempt is None:
            return self.opens
        touched = [
            one.image_id
            for place, one in enumerate(attempt.chunk.samples)
            if place not in attempt.lost
        ]
        return STUCK not in touched


def chunk(number: int, *ids: str) -> Chunk:
    pixels = np.zeros((24, 32, 3), np.uint8)
    samples = tuple(Sample(image_id=one, image=pixels, size=(24, 32)) for one in ids)
    return Chunk(number=number, samples=samples)


def job(folder: Path) -> Job:
    return Job(out=folder, formats=frozenset({"coco"}))


def test_an_image_that_nobody_finishes_is_named_and_the_read_goes_on(tmp_path):
    said: list[str] = []
    backend = Sleepy()
    chunks = [chunk(0, "a", STUCK), chunk(1, "b")]
    with WorkerPool(backend, size=2, told=said.append) as pool:
        first, second = pool.read(chunks, job(tmp_path), attempts=1)
    assert (first.number, second.number) == (0, 1)
    rows = Record.unpacked(first.record).images
    assert [row.get("error") for row in rows] == [None, WHY]
    assert f"no answer within {STUCK_S:.0f} s" in said[0]
    assert backend.stopped == backend.begun


def test_workers_that_never_open_the_reader_end_the_read(tmp_path):
    with (
        WorkerPool(Sleepy(opens=False), size=1, told=print) as pool,
        pytest.raises(RunError, match="no worker started"),
    ):
        list(pool.read([chunk(0, "a")], job(tmp_path), attempts=1))
