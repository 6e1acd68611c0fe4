"""A read gives the same outputs however it is cut, and goes on where it was stopped."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from polyclinic.errors import DataError, RunError
from polyclinic.runtime.engines import Chunk, LocalEngine, read_chunk
from polyclinic.runtime.inputs import samples_from
from polyclinic.runtime.outputs import write_overlay, write_readings
from polyclinic.runtime.restored import write_restored
from polyclinic.runtime.stream import read_all
from polyclinic.runtime.stream.fingerprint import reader_digest
from polyclinic.runtime.stream.progress import FOLDER, begun_precision
from polyclinic.runtime.stream.read import chunk_size
from polyclinic.sample import Spacing
from tests.runtime.stream.seeing import (
    Counting,
    Given,
    Precise,
    Seeing,
    draw_images,
    files_of,
    job_into,
    seeing,
)

IMAGES, BAD = 23, (0, 5, 6, 22)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return draw_images(tmp_path_factory.mktemp("drawn") / "images", IMAGES, bad=BAD)


@pytest.fixture(scope="module")
def expected(images, tmp_path_factory):
    """The outputs as they are written one image after the other."""
    out = tmp_path_factory.mktemp("expected")
    readings = []
    for sample, reading in Seeing().read_beside(samples_from([images]), batch_size=1):
        if reading.error is None:
            overlay = write_overlay(sample.pixels, reading, out / "overlays")
            restored = write_restored(reading, out / "restored", sample.stored_grey)
            files = {"restored": f"restored/{restored.name}", "overlay": f"overlays/{overlay.name}"}
            of_image = {**reading.provenance.get("image", {}), "files": files}
            reading = replace(reading, provenance={**reading.provenance, "image": of_image})
        readings.append(replace(reading, restored=None))
    write_readings(readings, out, ["coco", "csv"])
    return files_of(out)


class Dying(Seeing):
    """Fails from the batch with this number on."""

    def __init__(self, batch):
        super().__init__()
        self.batch = batch

    def read_batch(self, samples):
        if len(self.seen) >= self.batch:
            raise MemoryError
        return super().read_batch(samples)


def test_outputs_are_those_of_one_by_one(images, expected, tmp_path):
    told = []
    outcome = read_all(
        seeing(tmp_path),
        samples_from([images]),
        job_into(tmp_path / "out"),
        LocalEngine(),
        told=lambda *one: told.append(one),
    )
    assert files_of(tmp_path / "out") == expected
    assert (outcome.images, outcome.outputs.images) == (IMAGES, IMAGES)
    assert (outcome.outputs.unread, outcome.outputs.restored) == (len(BAD), IMAGES - len(BAD))
    assert all("text file" in error for error in outcome.outputs.errors)
    assert told[0] == (0, IMAGES)
    assert told[-1] == (IMAGES, IMAGES)
    assert told == sorted(told)


def test_a_picture_that_can_not_be_written_costs_no_reading(images, expected, tmp_path):
    """A folder has the name of one overlay; all else is as without it."""
    one = sorted((name for name in expected if name.startswith("overlays/")), key=str)[0]
    (tmp_path / "out" / one).mkdir(parents=True)
    outcome = read_all(
        seeing(tmp_path), samples_from([images]), job_into(tmp_path / "out"), LocalEngine()
    )
    assert (outcome.outputs.not_written, outcome.outputs.unread) == (1, len(BAD))
    found = files_of(tmp_path / "out")
    assert found.keys() == expected.keys() - {one}
    assert found["measurements.csv"] == expected["measurements.csv"]
    (said,) = (
        row["provenance"]["not_written"]
        for row in json.loads(found["readings.json"])["images"]
        if "not_written" in row.get("provenance", {})
    )
    assert said.keys() == {"overlay"}


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batch=st.integers(1, 7),
    size=st.integers(1, 12),
    engine=st.builds(
        LocalEngine, openers=st.integers(1, 3), writers=st.integers(1, 2), ahead=st.integers(1, 5)
    ),
)
def test_neither_batch_nor_chunk_nor_threads_change_a_chunk(images, tmp_path, batch, size, engine):
    samples = samples_from([images])
    chunks = [
        Chunk(number=number, samples=samples[first : first + size])
        for number, first in enumerate(range(0, IMAGES, size))
    ]
    job = job_into(tmp_path / "out", batch_size=batch)
    reads = list(engine.read(seeing(tmp_path), iter(chunks), job))
    assert [one.number for one in reads] == list(range(len(chunks)))
    assert reads == [read_chunk(Seeing(), chunk, replace(job, batch_size=1)) for chunk in chunks]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stops=st.lists(st.integers(0, 6), max_size=4))
def test_a_read_that_fails_goes_on(images, expected, tmp_path_factory, stops):
    folder = tmp_path_factory.mktemp("stopped")
    job, samples = job_into(folder / "out", batch_size=2), samples_from([images])
    (folder / "reader").touch()
    seen = 0
    for batch in stops:
        reader = Dying(batch)
        try:
            read_all(Given(reader, folder / "reader"), samples, job, LocalEngine())
        except MemoryError:
            seen += sum(reader.seen)
        else:
            break
    outcome = read_all(Given(Seeing(), folder / "reader"), samples, job, LocalEngine())
    assert files_of(folder / "out") == expected
    assert not (folder / "out" / FOLDER).exists()
    assert outcome.images <= IMAGES


def test_what_is_done_is_not_read_again(images, tmp_path):
    job, samples = job_into(tmp_path / "out", batch_size=1), samples_from([images])
    source = seeing(tmp_path)
    with pytest.raises(MemoryError):
        read_all(Given(Dying(10), source.path), samples, job, LocalEngine())
    again = Seeing()
    outcome = read_all(Given(again, source.path), samples, job, LocalEngine())
    assert outcome.images < IMAGES - 3
    assert sum(again.seen) == outcome.images - sum(
        number >= IMAGES - outcome.images for number in BAD
    )


@pytest.fixture
def stopped(images, tmp_path):
    """A read that was stopped in the middle: its source, its samples and its job."""
    source, samples, job = seeing(tmp_path), samples_from([images]), job_into(tmp_path / "out")
    with pytest.raises(MemoryError):
        read_all(Given(Dying(4), source.path), samples, job, LocalEngine())
    return source, samples, job


def test_something_else_is_not_mixed_in(stopped, images, tmp_path):
    source, samples, job = stopped
    (tmp_path / "other").mkdir()
    other = seeing(tmp_path / "other", pause=0.001)
    for changed, what in (
        ((source, samples[1:], job), "22 images instead of 23"),
        ((other, samples, job), "the reader is another"),
        ((source, samples, replace(job, formats=frozenset({"csv"}))), "--format csv instead of"),
        (
            (source, samples, replace(job, spacing=Spacing.square(0.002, "assumed"))),
            "--spacing-um 2 instead of not given",
        ),
        ((Given(Precise(), source.path), samples, job), "precision int8 instead of by eye"),
    ):
        before = files_of(job.out)
        with pytest.raises(RunError, match=what) as refused:
            read_all(*changed, LocalEngine())
        assert "--fresh" in str(refused.value)
        assert "--out" in str(refused.value)
        assert files_of(job.out) == before


def test_a_changed_image_is_something_else(tmp_path):
    folder = draw_images(tmp_path / "images", 6)
    source, job = seeing(tmp_path), job_into(tmp_path / "out", batch_size=1)
    with pytest.raises(MemoryError):
        read_all(Given(Dying(3), source.path), samples_from([folder]), job, LocalEngine())
    Image.fromarray(np.zeros((30, 30, 3), np.uint8)).save(folder / "0000.png")
    with pytest.raises(RunError, match="the images are others"):
        read_all(source, samples_from([folder]), job, LocalEngine())


def test_how_a_read_began_to_compute_is_known(stopped, tmp_path):
    assert begun_precision(stopped[2].out) == "by eye"
    assert begun_precision(tmp_path) is None


def test_graphs_made_of_a_run_are_no_other_reader(tmp_path):
    (tmp_path / "fold-1").mkdir()
    (tmp_path / "config.yaml").write_text("a")
    weights = tmp_path / "fold-1" / "model.safetensors"
    weights.write_text("b")
    before = reader_digest(tmp_path)
    (tmp_path / "graphs").mkdir()
    for name in ("graphs/1.polyclinic", "log.jsonl", "state.safetensors", "report.html"):
        (tmp_path / name).write_text("c")
    assert reader_digest(tmp_path) == before
    weights.write_text("d")
    assert reader_digest(tmp_path) != before
    assert reader_digest(weights) != reader_digest(tmp_path / "config.yaml")


def test_fresh_forgets(stopped, expected):
    source, samples, job = stopped
    outcome = read_all(source, samples, replace(job, batch_size=5), LocalEngine(), fresh=True)
    assert outcome.images == IMAGES
    assert files_of(job.out) == expected


def test_another_batch_size_is_nothing_else(stopped, expected):
    source, samples, job = stopped
    outcome = read_all(source, samples, replace(job, batch_size=5), LocalEngine())
    assert outcome.images < IMAGES
    assert files_of(job.out) == expected


def test_a_damaged_chunk_is_named(stopped):
    source, samples, job = stopped
    chunk = min((job.out / FOLDER / "chunks").iterdir())
    whole = chunk.read_bytes()
    chunk.write_bytes(whole[:50])
    with pytest.raises(RunError, match=chunk.name):
        read_all(source, samples, job, LocalEngine())
    chunk.unlink()
    read_all(source, samples, job, LocalEngine())
    assert not (job.out / FOLDER).exists()


def test_a_read_that_did_nothing_leaves_nothing(images, tmp_path):
    source = seeing(tmp_path)
    with pytest.raises(MemoryError):
        read_all(
            Given(Dying(0), source.path),
            samples_from([images])[1:],
            job_into(tmp_path / "out", formats=frozenset({"csv"})),
            LocalEngine(),
        )
    assert not (tmp_path / "out").exists()


def test_a_file_is_no_folder_for_outputs(images, tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(RunError, match="is a file"):
        read_all(
            seeing(tmp_path), samples_from([images]), job_into(tmp_path / "out"), LocalEngine()
        )


def test_a_finished_read_is_overwritten(images, expected, tmp_path):
    source, samples, job = seeing(tmp_path), samples_from([images]), job_into(tmp_path / "out")
    read_all(source, samples[:4], job, LocalEngine())
    read_all(source, samples, job, LocalEngine())
    assert files_of(job.out) == expected


def test_one_name_for_two_images_is_refused_before_anything_is_read(images, tmp_path):
    reader = Seeing()
    samples = samples_from([images, images])
    source = Given(reader, tmp_path)
    with pytest.raises(DataError, match="named twice"):
        read_all(source, samples, job_into(tmp_path / "out"), LocalEngine())
    assert not reader.seen
    read_all(source, samples, job_into(tmp_path / "out", formats=frozenset({"csv"})), LocalEngine())


@pytest.mark.parametrize("count", [12, 40])
def test_few_samples_are_alive_however_many_there_are(tmp_path, count):
    folder = draw_images(tmp_path / "images", count)
    reader = Counting()
    engine = LocalEngine(ahead=3)
    job = job_into(tmp_path / "out", batch_size=2, formats=frozenset({"coco", "csv"}))
    read_all(Given(reader, seeing(tmp_path).path), samples_from([folder]), job, engine)
    assert 2 <= reader.most_alive <= 2 * engine.ahead


def test_a_stated_scale_is_for_images_without_one(images, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text(
        f"image,patient_id,spacing_mm\n{images}/0001.png,a,0.2\n{images}/0002.png,b,\n"
    )
    job = job_into(tmp_path / "out", spacing=Spacing.square(0.5, "assumed"))
    read_all(seeing(tmp_path), samples_from([table]), job, LocalEngine())
    lines = (tmp_path / "out" / "measurements.csv").read_text().splitlines()
    widths_um = [float(line.split(",")[5]) for line in lines[1:]]
    assert widths_um == [5 * 200.0, 6 * 500.0]


def test_the_reader_may_say_how_many_at_a_time(images, tmp_path):
    reader = Seeing(batch_size=6)
    source = Given(reader, seeing(tmp_path).path)
    samples = samples_from([images])[7:19]
    read_all(source, samples, job_into(tmp_path / "out", batch_size=None), LocalEngine())
    assert reader.seen == [6, 6]


@given(images=st.integers(0, 10**7), batch=st.integers(1, 64))
def test_chunks_are_some_batches(images, batch):
    size = chunk_size(images, batch)
    assert size % batch == 0
    assert batch <= size <= 8 * batch
