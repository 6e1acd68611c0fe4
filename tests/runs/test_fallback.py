"""The default precision reads whatever goes wrong with a faster way; one asked for tells of it."""

import json
import shutil

import pytest
import torch

from polyclinic.data import open_cohort
from polyclinic.errors import PolyclinicError, RunError
from polyclinic.fitting.fit import fit
from polyclinic.runs.choose import CHOICE, choose_backend
from polyclinic.runs.fallback import chosen_source, load_or_plain, networks_of
from polyclinic.runs.fast import GRAPHS, graphs_of, kept_graphs
from polyclinic.runs.opening import load
from polyclinic.runtime.ensemble import Ensemble
from polyclinic.runtime.precision import AS_MADE, Backend
from tests.runtime.exported.readers import DIAGNOSE, film_reader, reader_of

FAST = "openvino fp32"
SETTINGS = {
    "data": {"frame": {"longest": 96}},
    "model": {"encoder": "test_resnet", "pyramid_channels": 16},
    "train": {"steps": 2, "batch_size": 2, "warmup_steps": 1, "workers": 0},
}


@pytest.fixture(scope="module")
def trained(phantoms, tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "run"
    fit("segment", phantoms, out, SETTINGS)
    kept_graphs(out)
    return out


@pytest.fixture
def run(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "run")


@pytest.fixture
def samples(phantoms):
    return open_cohort(phantoms).samples


@pytest.mark.parametrize("damage", [b"", b"no zip", None])
def test_graphs_that_can_not_be_opened_leave_the_plain_reader(run, samples, damage):
    path = graphs_of(run)
    path.write_bytes(path.read_bytes()[:-4000] if damage is None else damage)
    said = []
    reader = load_or_plain(run, FAST, said.append)
    assert reader.precision == str(AS_MADE)
    assert [one.error for one in reader.read_each(samples[:2])] == [None, None]
    [line] = said
    assert "can't be used" in line
    with pytest.raises(PolyclinicError):
        load(run, precision=FAST)


def test_a_runtime_that_fails_on_an_image_leaves_the_others_to_torch(run, samples, monkeypatch):
    from polyclinic.runtime.predictors.openvino_silent import openvino

    said = []
    reader = load_or_plain(run, FAST, said.append)
    assert reader.precision == FAST
    infer, calls = openvino.InferRequest.infer, []

    def fails(self, *arguments, **options):
        calls.append(1)
        if len(calls) > 1:
            raise RuntimeError("could not execute a primitive")
        return infer(self, *arguments, **options)

    monkeypatch.setattr(openvino.InferRequest, "infer", fails)
    found = list(reader.read_each(samples[:4]))
    assert [one.error for one in found] == [None] * 4
    assert len(calls) == 2
    [line] = said
    assert "could not execute a primitive" in line
    asked = load(run, precision=FAST)
    with pytest.raises(PolyclinicError, match=r"openvino fp32.*whole failed.*--precision fp32"):
        list(asked.read_each(samples[:1]))


def test_graphs_and_choice_of_a_run_that_can_not_be_written_to_are_kept_elsewhere(
    run, samples, tmp_path, monkeypatch
):
    shutil.rmtree(run / GRAPHS)
    (run / GRAPHS).write_text("a file where the folder of graphs would be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    said = []
    chosen = choose_backend(run, samples * 6, said.append)
    assert "the run can't be written to" in said[0]
    again = []
    assert choose_backend(run, samples * 6, again.append) == chosen
    assert again == [f"precision: {chosen}, as was chosen before"]


def test_a_choice_that_can_not_be_kept_is_used(run, samples, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device", "choice.json")

    monkeypatch.setattr("polyclinic.runs.choose._remember", full)
    said = []
    chosen = choose_backend(run, samples * 6, said.append)
    assert said[-2] == f"precision: {chosen}"
    assert "not kept" in said[-1]


def test_a_choice_falls_back_when_nothing_can_be_exported(run, samples, tmp_path, monkeypatch):
    shutil.rmtree(run / GRAPHS)
    (run / GRAPHS).write_text("a file where the folder of graphs would be")
    (tmp_path / "cache").write_text("a file where the cache would be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    said = []
    assert choose_backend(run, samples * 6, said.append) == AS_MADE
    assert "nothing faster can be used" in said[-1]


@pytest.mark.parametrize("kept", ["[]", "{", '{"chosen": "warp 9", "for": {}}', "null"])
def test_a_damaged_choice_is_made_anew(run, samples, kept):
    (run / GRAPHS / CHOICE).write_text(kept)
    said = []
    choose_backend(run, samples * 6, said.append)
    assert not any("chosen before" in line for line in said)
    assert json.loads((run / GRAPHS / CHOICE).read_text())["chosen"]


def test_what_was_chosen_is_opened_so(run):
    assert chosen_source(run, FAST).load().precision == FAST
    assert chosen_source(run, str(Backend("torch", "fp32"))).load().precision == "torch fp32"


def test_an_exporter_that_fails_is_a_clear_error_where_asked_for(run, monkeypatch):
    shutil.rmtree(run / GRAPHS)

    def fails(*arguments, **options):
        raise torch.onnx.errors.OnnxExporterError("no decomposition of aten::odd\nand a page")

    monkeypatch.setattr(torch.onnx, "export", fails)
    with pytest.raises(RunError, match=r"exporting the network failed: no decomposition of \S+;"):
        load(run, precision=FAST)
    said = []
    assert load_or_plain(run, FAST, said.append).precision == str(AS_MADE)
    assert "no decomposition" in said[0]


def test_every_network_of_a_reader_is_found():
    films = film_reader()
    assert networks_of(films) == {"locate-": films.locate, "place-": films.place}
    first = reader_of("diagnose", DIAGNOSE)
    both = Ensemble([first, reader_of("diagnose", DIAGNOSE)])
    assert networks_of(both) == {"0-": both.members[0], "1-": both.members[1]}
