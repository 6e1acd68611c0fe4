"""Which attempts are made at a chunk, for any images that kill and any bad luck."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.errors import RunError
from polyclinic.runtime.engines import Chunk, ChunkRead, Job
from polyclinic.runtime.engines.attempts import attempts_at
from polyclinic.sample import Sample

SAMPLES = 5


def chunk_of(count):
    samples = tuple(Sample(image_id=str(k), size=(0, 0), file=f"{k}.png") for k in range(count))
    return Chunk(number=7, samples=samples)


def played(chunk, job, times, dies):
    """Make each attempt; `dies` says of an attempt whether its worker died."""
    attempts, made = attempts_at(chunk, job, times), []
    attempt = next(attempts)
    while True:
        made.append(attempt)
        read = ChunkRead(number=chunk.number, images=len(attempt.chunk.samples), record=b"")
        try:
            attempt = attempts.send(None if dies(attempt, len(made)) else read)
        except StopIteration as end:
            return end.value, made


def touched(attempt):
    samples = enumerate(attempt.chunk.samples)
    return {sample.image_id for place, sample in samples if place not in attempt.lost}


@pytest.fixture
def job(tmp_path):
    return Job(out=tmp_path, formats=frozenset({"csv"}), batch_size=4)


@given(killers=st.sets(st.integers(0, SAMPLES - 1)), times=st.integers(1, 4))
def test_only_killing_images_are_lost(tmp_path_factory, killers, times):
    job = Job(out=tmp_path_factory.getbasetemp(), formats=frozenset(), batch_size=4)
    names = {str(k) for k in killers}
    read, made = played(
        chunk_of(SAMPLES), job, times, lambda attempt, _: bool(touched(attempt) & names)
    )
    assert read.images == SAMPLES
    assert made[-1].lost == killers
    assert len(made) == (times + SAMPLES + len(killers) + 1 if killers else 1)


@given(deaths=st.integers(0, 3))
def test_bad_luck_loses_no_image(tmp_path_factory, deaths):
    job = Job(out=tmp_path_factory.getbasetemp(), formats=frozenset())
    read, made = played(chunk_of(SAMPLES), job, 3, lambda _, count: count <= deaths)
    assert read.images == SAMPLES
    assert made[-1].lost == frozenset()


def test_workers_that_die_for_no_image_end_the_job(job):
    with pytest.raises(RunError, match="6 times in chunk 7"):
        played(chunk_of(2), job, 3, lambda attempt, _: len(attempt.chunk.samples) > 1)
