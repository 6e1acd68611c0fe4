"""Both runtimes compute what a graph says, at every size and from several threads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from polyclinic.runtime.predictors.openvino_session import SIZES_KEPT, OpenVinoSession
from polyclinic.runtime.predictors.session import OnnxSession

SIZES = [(4 + n, 9 - n) for n in range(SIZES_KEPT + 2)]


@pytest.fixture(scope="module")
def graph():
    """Twice the image and its rows summed, as an exporter would write it."""
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["h", "w"])
    outputs = [
        helper.make_tensor_value_info("twice", TensorProto.FLOAT, ["h", "w"]),
        helper.make_tensor_value_info("task.rows", TensorProto.FLOAT, ["w"]),
    ]
    axes = helper.make_tensor("axes", TensorProto.INT64, [1], [0])
    nodes = [
        helper.make_node("Add", ["image", "image"], ["twice"]),
        helper.make_node("ReduceSum", ["image", "axes"], ["task.rows"], keepdims=0),
    ]
    made = helper.make_graph(nodes, "toy", [image], outputs, initializer=[axes])
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.checker.check_model(model)
    return model.SerializeToString()


@pytest.fixture(params=["onnxruntime", "openvino", "openvino by size"])
def session(request, graph):
    if request.param == "onnxruntime":
        return OnnxSession(graph, threads=1)
    return OpenVinoSession(graph, threads=1, fix_sizes=request.param.endswith("size"))


def check(session, size):
    image = np.random.default_rng(sum(size)).random(size, np.float32)
    found = session.run({"image": image, "not asked for": image})
    assert set(found) == {"twice", "task.rows"}
    assert np.allclose(found["twice"], 2 * image)
    assert np.allclose(found["task.rows"], image.sum(0), rtol=1e-5)


def test_sizes_come_and_go(session):
    for size in [*SIZES, *SIZES]:
        check(session, size)


def test_no_rows(session):
    if getattr(session, "fix_sizes", False):
        pytest.skip("whole images are never empty")
    assert session.run({"image": np.zeros((0, 3), np.float32)})["twice"].shape == (0, 3)


def test_threads_do_not_mix(session):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: check(session, SIZES[number % 3]), range(60)))
