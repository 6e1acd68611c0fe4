"""Exported files are read without torch, in the runtime that was asked for."""

import subprocess
import sys

import pytest

from polyclinic.errors import ConfigError
from polyclinic.runs.fast import kept_graphs
from polyclinic.runs.load import load
from polyclinic.runs.opening import load as load_any
from polyclinic.runtime.export.write import export
from polyclinic.runtime.exported import open_exported

READ = """
import sys
from polyclinic.runs.opening import load
reading = load(sys.argv[1], precision=sys.argv[3]).read(sys.argv[2])
assert reading.error is None
loaded = {"torch", "timm", "torchvision", "lightning_fabric", "matplotlib"} & sys.modules.keys()
sys.exit(", ".join(loaded) or 0)
"""


@pytest.fixture(scope="module")
def files(run, tmp_path_factory):
    """The same reader for both runtimes."""
    folder, reader = tmp_path_factory.mktemp("files"), load(run)
    for runtime in ("onnx", "openvino"):
        export(reader, folder / f"{runtime}.polyclinic", to=runtime)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", ["onnx", "openvino"])
def test_nothing_of_training_is_imported(files, phantoms, name):
    image = min((phantoms.parent / "images").iterdir())
    path = files / f"{name}.polyclinic"
    assert_read_without_torch(path, image, "fp32")


@pytest.mark.slow
def test_graphs_that_a_run_keeps_are_opened_without_torch(run, phantoms):
    kept_graphs(run)
    image = min((phantoms.parent / "images").iterdir())
    assert_read_without_torch(run, image, "openvino fp32")


def assert_read_without_torch(path, image, precision):
    command = [sys.executable, "-c", READ, str(path), str(image), precision]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "precision", "said"),
    [
        ("onnx", None, "onnxruntime fp32"),
        ("onnx", "fp32", "onnxruntime fp32"),
        ("onnx", "openvino fp32", "openvino fp32"),
        ("onnx", "bf16", "openvino bf16"),
        ("openvino", None, "openvino fp32"),
        ("openvino", "bf16", "openvino bf16"),
    ],
)
def test_the_way_of_computing_that_was_asked_for(files, name, precision, said):
    reader = load_any(files / f"{name}.polyclinic", precision=precision)
    assert reader.precision == said


@pytest.mark.slow
def test_ways_that_do_not_go_together(files):
    with pytest.raises(ConfigError, match="can't read openvino"):
        load_any(files / "openvino.polyclinic", precision="onnxruntime fp32")
    with pytest.raises(ConfigError, match="bf16"):
        open_exported(files / "onnx.polyclinic", runtime="onnxruntime", precision="bf16")
