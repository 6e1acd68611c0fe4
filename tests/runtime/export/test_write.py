"""What was exported reads as the network did, whatever runs it."""

import copy
import re

import numpy as np
import pytest

from polyclinic.errors import ImageError, RunError
from polyclinic.runs.load import load
from polyclinic.runtime.choose import native_bf16
from polyclinic.runtime.engines.record import Record
from polyclinic.runtime.ensemble import Ensemble
from polyclinic.runtime.export.write import export, size_at
from polyclinic.runtime.exported import open_exported
from polyclinic.sample import Sample
from tests.runtime.exported.alike import assert_alike
from tests.runtime.exported.readers import FILMS, KINDS, SAMPLES, film_reader, mvit_reader

RUNTIMES = ("onnxruntime", "openvino")


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.name)
def pair(request, tmp_path_factory):
    """A reader, the file that it was exported to, and what to read."""
    kind = request.param
    reader, path = kind.make(), tmp_path_factory.mktemp("out") / f"{kind.name}.polyclinic"
    said = export(reader, path, to="onnx")
    assert said
    assert all("within" in line for line in said)
    return reader, path, kind.samples


@pytest.mark.slow
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_reads_as_the_network_does(pair, runtime):
    reader, path, samples = pair
    exported = open_exported(path, runtime=runtime)
    assert exported.precision == f"{runtime} fp32"
    assert exported.task_names == reader.task_names
    for sample in samples:
        assert_alike(reader.read(sample), exported.read(sample))


@pytest.mark.slow
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_images_of_other_sizes_than_traced(pair, runtime):
    reader, path, samples = pair
    exported = open_exported(path, runtime=runtime)
    whole = samples[0]
    for rows, columns in ((90, 40), (18, 90), (61, 70)):
        pixels = np.ascontiguousarray(whole.pixels[:rows, :columns])
        sample = Sample(
            image_id=1, size=pixels.shape[:2], image=pixels, spacing=whole.spacing, laterality="R"
        )
        assert_alike(reader.read(sample), exported.read(sample))


@pytest.fixture(scope="module")
def nailfold(run, tmp_path_factory):
    reader = load(run)
    reader.accept = 0.05
    path = tmp_path_factory.mktemp("nailfold") / "one.polyclinic"
    export(reader, path, to="onnx")
    return reader, path


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_regions_masks_and_landmarks_agree(nailfold, runtime, phantoms):
    reader, path = nailfold
    exported = open_exported(path, runtime=runtime)
    files = sorted((phantoms.parent / "images").iterdir())
    for file in files[:2]:
        expected = reader.read(file)
        assert expected.instances, "the reader must say something for this test to mean anything"
        assert_alike(expected, exported.read(file))


def as_bytes(readings):
    """All that is stored of readings; equal only where every digit is."""
    return Record.of(readings, frozenset({"coco", "csv"}), restored=0).packed()


def assert_threads_change_nothing(path, samples, monkeypatch, *, rounded=True):
    numbers = ("fp32", "bf16") if rounded and native_bf16() else ("fp32",)
    for precision in numbers:
        said = set()
        for threads in ("1", "2"):
            monkeypatch.setenv("OMP_NUM_THREADS", threads)
            exported = open_exported(path, runtime="openvino", precision=precision)
            said.add(as_bytes([exported.read(one) for one in samples]))
        assert len(said) == 1, precision


@pytest.mark.slow
def test_no_digit_depends_on_the_number_of_threads(pair, monkeypatch):
    _, path, samples = pair
    # In bfloat16 a hierarchy rounds by threads, as docs/reading.md says.
    assert_threads_change_nothing(path, samples, monkeypatch, rounded=path.stem != "kidney")


def test_no_digit_of_regions_depends_on_the_number_of_threads(nailfold, phantoms, monkeypatch):
    files = sorted((phantoms.parent / "images").iterdir())
    assert_threads_change_nothing(nailfold[1], files, monkeypatch)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_image_without_instances(nailfold, runtime, phantoms):
    file = min((phantoms.parent / "images").iterdir())
    exported = open_exported(nailfold[1], runtime=runtime)
    exported.accept = 1.0
    assert exported.read(file).instances == ()


@pytest.mark.slow
def test_openvino_files_read_as_the_network_does(nailfold, tmp_path, phantoms):
    reader, _ = nailfold
    path = tmp_path / "one.polyclinic"
    export(reader, path, to="openvino")
    file = min((phantoms.parent / "images").iterdir())
    exported = open_exported(path)
    assert exported.precision == "openvino fp32"
    assert_alike(reader.read(file), exported.read(file))


def shaken(reader):
    """The same reader with slightly other weights."""
    other = copy.deepcopy(reader)
    for weight in other.network.parameters():
        weight.data *= 1.01
    return other


@pytest.mark.slow
def test_ensembles_measure_once_they_have_fused(nailfold, tmp_path, phantoms):
    reader, _ = nailfold
    ensemble = Ensemble([reader, shaken(reader)])
    export(ensemble, tmp_path / "both.polyclinic", to="onnx")
    exported = open_exported(tmp_path / "both.polyclinic")
    sample = min((phantoms.parent / "images").iterdir())
    expected = ensemble.read(sample)
    assert expected.measurements
    assert_alike(expected, exported.read(sample))


@pytest.mark.slow
def test_ensembles_of_films_flag_as_they_did(tmp_path):
    ensemble = Ensemble([film_reader(), film_reader(seed=1)])
    export(ensemble, tmp_path / "both.polyclinic", to="onnx")
    exported = open_exported(tmp_path / "both.polyclinic")
    for film in FILMS[:2]:
        expected = ensemble.read(film)
        assert expected.flags == exported.read(film).flags
        assert_alike(expected, exported.read(film))


@pytest.mark.slow
def test_graphs_of_one_size_say_so(tmp_path):
    reader, path = mvit_reader(), tmp_path / "mvit.polyclinic"
    export(reader, path, to="onnx", size=SAMPLES[0].size)
    for runtime in RUNTIMES:
        exported = open_exported(path, runtime=runtime)
        assert_alike(reader.read(SAMPLES[0]), exported.read(SAMPLES[0]))
        square = exported.read(np.zeros((80, 80, 3), np.uint8))
        said = r"is 64 x 64 pixels.*64 x 48, for which.*--size"
        assert re.search(said, square.error)
        with pytest.raises(ImageError, match=said):
            exported.predictor.predict([np.zeros((64, 64, 3), np.uint8)], 0.0)


def test_other_readers_are_refused_and_nothing_is_written(tmp_path):
    from tests.systems.knee.reading.seeing import Stage

    with pytest.raises(RunError, match="a Stage can't be exported"):
        export(Stage(64, None), tmp_path / "one.polyclinic", to="onnx")
    assert not list(tmp_path.iterdir())


def test_sizes_are_those_in_the_network():
    frame = mvit_reader().frame
    assert size_at(frame, None) == (48, 64)
    assert size_at(frame, (200, 100)) == (64, 32)
