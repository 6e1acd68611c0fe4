"""ONNX Runtime reports nothing to anybody, and keeps nothing that it could report."""

from __future__ import annotations

import os
import subprocess
import sys

import onnx
import pytest
from onnx import TensorProto, helper

SCRIPT = """
import sys, time
from pathlib import Path
from polyclinic.runtime.predictors.session import OnnxSession
import numpy as np
session = OnnxSession(Path(sys.argv[1]).read_bytes())
session.run({"x": np.ones(2, np.float32)})
"""


@pytest.fixture
def graph(tmp_path):
    x, y = (helper.make_tensor_value_info(one, TensorProto.FLOAT, [2]) for one in "xy")
    node = helper.make_node("Relu", ["x"], ["y"])
    model = helper.make_model(
        helper.make_graph([node], "g", [x], [y]), opset_imports=[helper.make_opsetid("", 17)]
    )
    model.ir_version = 8
    path = tmp_path / "graph.onnx"
    onnx.save(model, path)
    return path


def test_no_id_and_no_events_are_kept(graph, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    places = {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}
    clean = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-c", SCRIPT, graph], env=clean | places, check=True)
    assert [one for one in home.rglob("*") if one.is_file()] == []
