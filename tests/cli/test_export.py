"""`polyclinic export` and `polyclinic read FILE`."""

import pandas as pd
import pytest

from tests.cli.conftest import TOY


@pytest.fixture
def image(phantoms):
    return min((phantoms.parent / "images").iterdir())


@pytest.mark.parametrize("to", ["onnx", "openvino"])
def test_a_file_is_written_and_read_as_the_run_is(polyclinic, toy_run, image, tmp_path, to):
    path = tmp_path / "one.polyclinic"
    code, said, _ = polyclinic("export", toy_run, "--to", to, "--out", path)
    assert code == 0
    assert "whole: within" in said
    assert "wrote" in said
    for source in (toy_run, path):
        assert polyclinic("read", source, image, "--out", tmp_path / "read" / source.name)[0] == 0
    first, second = (
        pd.read_csv(tmp_path / "read" / source.name / "quality.csv") for source in (toy_run, path)
    )
    assert second["value"].to_numpy() == pytest.approx(first["value"].to_numpy(), abs=1e-5)


@pytest.mark.parametrize("size", ["12", "0x9", "axb", "9x-3", "1024x768x3", ""])
def test_sizes_that_are_none(polyclinic, toy_run, tmp_path, size):
    path = tmp_path / "one.polyclinic"
    code, _, said = polyclinic("export", toy_run, "--to", "onnx", f"--size={size}", "--out", path)
    assert code == 2
    assert "is no size; expected WIDTHxHEIGHT" in said
    assert not path.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--to", "tensorrt"), "tensorrt"),
        ((), "--to"),
        (("--to", "onnx", "--data", "here"), "are for --precision int8"),
        (("--to", "onnx", "--precision", "int8"), "needs --to onnx and --data"),
        (("--to", "openvino", "--precision", "int8", "--data", "here"), "needs --to onnx"),
    ],
)
def test_options_that_do_not_go_together(polyclinic, toy_run, options, said):
    code, _, complaint = polyclinic("export", toy_run, *options)
    assert code == 2
    assert said in complaint


def test_what_is_no_run(polyclinic, tmp_path):
    code, _, said = polyclinic("export", tmp_path, "--to", "onnx")
    assert code == 4
    assert "is not a run" in said


def test_other_files_are_not_read(polyclinic, phantoms, image, tmp_path):
    code, _, said = polyclinic("read", phantoms, image, "--out", tmp_path)
    assert code == 4
    assert "is no exported reader" in said
    code, _, said = polyclinic("read", tmp_path / "no.polyclinic", image, "--out", tmp_path)
    assert code == 4
    assert "there is no such file" in said


def test_int8_needs_its_graphs(polyclinic, toy_run, image, tmp_path):
    code, _, said = polyclinic("read", toy_run, image, "--precision", "int8", "--out", tmp_path)
    assert code == 4
    assert "--to onnx --precision int8 --data DATA" in " ".join(said.split())


def test_the_recipe_is_no_run(polyclinic):
    assert polyclinic("export", TOY, "--to", "onnx")[0] == 4
