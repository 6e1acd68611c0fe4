"""The last product of an answer keeps its digits, and the parts say what the whole says."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from polyclinic.runtime.predictors.openvino_session import (
    OpenVinoSession,
    last_products,
    split_tail,
)
from polyclinic.runtime.predictors.openvino_silent import openvino
from polyclinic.runtime.predictors.session import OnnxSession

CHANNELS, SIDE = 8, 24
IMAGE = np.random.default_rng(0).random((1, CHANNELS, SIDE, SIDE), np.float32)


def info(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def weights(name, seed, scale):
    values = np.random.default_rng(seed).normal(0, scale, (CHANNELS, CHANNELS, 1, 1))
    return helper.make_tensor(name, TensorProto.FLOAT, values.shape, values.astype(np.float32))


def graph():
    """Two products, then heat maps and their middle; and a side answer of the first product."""
    row = np.arange(SIDE, dtype=np.float32)
    nodes = [
        helper.make_node("Conv", ["image", "first"], ["felt"]),
        helper.make_node("Relu", ["felt"], ["seen"]),
        helper.make_node("Conv", ["seen", "second"], ["logits"]),
        helper.make_node("ReduceMax", ["logits", "rows"], ["best"], keepdims=0),
        helper.make_node("Softmax", ["best"], ["shares"], axis=2),
        helper.make_node("Mul", ["shares", "row"], ["parts"]),
        helper.make_node("ReduceSum", ["parts", "last"], ["task.places"], keepdims=0),
        helper.make_node("ReduceMean", ["seen", "plane"], ["other.mean"], keepdims=0),
        helper.make_node("Identity", ["image"], ["same"]),
    ]
    made = helper.make_graph(
        nodes,
        "toy",
        [info("image", [1, CHANNELS, "h", "w"])],
        [info(name, None) for name in ("task.places", "other.mean", "same")],
        initializer=[
            weights("first", 1, 1.0),
            weights("second", 2, 8.0),
            helper.make_tensor("row", TensorProto.FLOAT, row.shape, row),
            helper.make_tensor("rows", TensorProto.INT64, [1], [2]),
            helper.make_tensor("last", TensorProto.INT64, [1], [2]),
            helper.make_tensor("plane", TensorProto.INT64, [2], [2, 3]),
        ],
    )
    opset = [helper.make_opsetid("", 20)]
    return helper.make_model(made, opset_imports=opset, ir_version=10).SerializeToString()


GRAPH = graph()


def read():
    return openvino.Core().read_model(GRAPH)


def needs_bf16():
    if "BF16" not in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        pytest.skip("this CPU does not compute in bfloat16")


def test_the_last_product_is_found():
    assert len(last_products(read(), ["task.places"])) == 1
    assert len(last_products(read(), ["task.places", "other.mean"])) == 2
    assert not last_products(read(), ["same"])
    assert split_tail(read(), ["same"]) is None


def test_the_tail_is_joined_by_what_the_last_product_looks_at():
    before, tail = split_tail(read(), ["task.places"])
    assert [one.get_any_name() for one in tail.inputs] == ["joint.0"]
    assert len(before.outputs) == 3
    assert len(tail.outputs) == 1


@pytest.mark.parametrize("fix_sizes", [False, True])
def test_parts_say_what_the_whole_says(fix_sizes):
    needs_bf16()
    wanted = OnnxSession(GRAPH, threads=1).run({"image": IMAGE})
    session = OpenVinoSession(
        GRAPH, threads=1, precision="bf16", exact=["task.places"], fix_sizes=fix_sizes
    )
    found = session.run({"image": IMAGE})
    assert found.keys() == wanted.keys()
    for name in ("other.mean", "same"):
        np.testing.assert_allclose(found[name], wanted[name], rtol=0.02, atol=0.02)


def test_places_move_less_than_in_bfloat16_throughout():
    needs_bf16()
    wanted = OnnxSession(GRAPH, threads=1).run({"image": IMAGE})["task.places"]
    moved = {}
    for exact in ((), ("task.places",)):
        session = OpenVinoSession(GRAPH, threads=1, precision="bf16", exact=exact)
        moved[exact] = np.abs(session.run({"image": IMAGE})["task.places"] - wanted).mean()
    assert moved["task.places",] < 0.8 * moved[()]


def test_float32_is_cut_too_and_says_the_same():
    session = OpenVinoSession(GRAPH, threads=1, exact=["task.places"])
    np.testing.assert_allclose(
        session.run({"image": IMAGE})["task.places"],
        OnnxSession(GRAPH, threads=1).run({"image": IMAGE})["task.places"],
        rtol=1e-4,
    )
    assert len(session._compile(())) == 2
