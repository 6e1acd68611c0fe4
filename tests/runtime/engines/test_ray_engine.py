"""Whatever dies on a cluster, the outputs are those of one process."""

import json

import pytest
import torch

from polyclinic.errors import RunError
from polyclinic.runtime.engines import Chunk, Job, LocalEngine, ReaderSource
from polyclinic.runtime.engines.attempts import WHY
from polyclinic.runtime.engines.ray_engine import RayEngine
from polyclinic.runtime.inputs import samples_from
from tests.runtime.engines.deadly import deadly_source, load_refused, source_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
]  # processes start slowly on a busy machine
ATTEMPTS = 2


def chunks_of(images, size):
    samples = list(samples_from([images]))
    parts = [samples[first : first + size] for first in range(0, len(samples), size)]
    return [Chunk(number=k, samples=tuple(part)) for k, part in enumerate(parts)]


def job_into(out):
    return Job(out=out, formats=frozenset({"coco", "csv", "overlay"}), batch_size=2)


def files_of(folder):
    return {f.relative_to(folder): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


@pytest.fixture(scope="module")
def images(phantoms):
    return phantoms.parent / "images"


@pytest.fixture(scope="module")
def local(run, images, tmp_path_factory):
    """What one process gives, with as many threads as a worker has."""
    out, threads = tmp_path_factory.mktemp("local"), torch.get_num_threads()
    torch.set_num_threads(1)
    read = list(LocalEngine().read(source_of(run), chunks_of(images, 2), job_into(out)))
    torch.set_num_threads(threads)
    return read, files_of(out)


@pytest.mark.parametrize("workers", [1, 2])
def test_equal_to_one_process(cluster, local, run, images, tmp_path, workers):
    told = []
    engine = RayEngine(workers=workers, told=told.append)
    read = list(engine.read(source_of(run), iter(chunks_of(images, 2)), job_into(tmp_path)))
    assert (read, files_of(tmp_path)) == local
    assert told


def test_a_worker_killed_in_the_middle(cluster, local, run, images, tmp_path):
    victim = chunks_of(images, 2)[0].samples[1].image_id
    source = deadly_source(tmp_path, run, victim, times=1)
    told, out = [], tmp_path / "out"
    read = list(
        RayEngine(workers=2, told=told.append).read(source, chunks_of(images, 2), job_into(out))
    )
    assert len(list(tmp_path.glob("death-*"))) == 1
    assert (read, files_of(out)) == local
    assert any("chunk 0 is read again" in line for line in told)


def test_an_image_that_kills_again_and_again_is_one_flagged_row(
    cluster, local, run, images, tmp_path
):
    poison = chunks_of(images, 2)[0].samples[1].image_id
    source, out = deadly_source(tmp_path, run, poison, times=99), tmp_path / "out"
    engine = RayEngine(workers=2, attempts=ATTEMPTS)
    read = list(engine.read(source, chunks_of(images, 2), job_into(out)))
    assert len(list(tmp_path.glob("death-*"))) == ATTEMPTS + 2
    assert read[1:] == local[0][1:]
    mine, theirs = (json.loads(one[0].record)["images"] for one in (read, local[0]))
    assert mine[0] == theirs[0]
    assert WHY in json.dumps(mine[1])
    assert len(files_of(out)) == len(local[1]) - 1


def test_what_a_worker_raises_is_raised(cluster, run, images, tmp_path):
    source = ReaderSource(path=run, loader=load_refused)
    with pytest.raises(RunError, match="is not a run"):
        list(RayEngine(workers=1).read(source, chunks_of(images, 2), job_into(tmp_path)))


def test_more_cpus_than_any_machine_has(cluster, run, images, tmp_path):
    with pytest.raises(RunError, match="at most 2"):
        list(RayEngine(cpus=99).read(source_of(run), chunks_of(images, 2), job_into(tmp_path)))
