"""Convolutions in 8 bit stay close to themselves; answers keep their digits."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from polyclinic.runtime.export.quantise import convolutions, last_convolutions, quantise
from polyclinic.runtime.predictors.openvino_session import OpenVinoSession
from polyclinic.runtime.predictors.session import OnnxSession

RNG = np.random.default_rng(0)
WIDTH = 16


def weights(name, into, out):
    values = RNG.normal(0, 1 / np.sqrt(9 * into), (out, into, 3, 3)).astype(np.float32)
    return numpy_helper.from_array(values, name)


def conv(name, source, target):
    return helper.make_node("Conv", [source, f"{name}.w"], [target], name=name, pads=[1, 1, 1, 1])


@pytest.fixture(scope="module")
def graph():
    """An image to a level and to an answer, each through convolutions, at any size."""
    nodes = [
        conv("stem", "image", "a"),
        helper.make_node("Relu", ["a"], ["b"], name="relu"),
        conv("body", "b", "c"),
        helper.make_node("Relu", ["c"], ["d"], name="relu2"),
        conv("level", "d", "p2"),
        conv("answer", "p2", "e"),
        helper.make_node("ReduceMean", ["e", "axes"], ["grade.logits"], name="mean", keepdims=0),
    ]
    made = helper.make_graph(
        nodes,
        "toy",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, "h", "w"])],
        [
            helper.make_tensor_value_info("p2", TensorProto.FLOAT, [1, WIDTH, "h", "w"]),
            helper.make_tensor_value_info("grade.logits", TensorProto.FLOAT, [1, 4]),
        ],
        initializer=[
            weights("stem.w", 3, WIDTH),
            weights("body.w", WIDTH, WIDTH),
            weights("level.w", WIDTH, WIDTH),
            weights("answer.w", WIDTH, 4),
            numpy_helper.from_array(np.array([2, 3]), "axes"),
        ],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def image(seed, size=(24, 20)):
    return {"image": np.random.default_rng(seed).random((1, 3, *size), np.float32)}


def test_answers_are_made_in_full(graph):
    model = onnx.load_from_string(graph)
    assert convolutions(model) == {"stem", "body", "level", "answer"}
    assert last_convolutions(model) == {"answer"}
    model.graph.output[1].name = model.graph.node[-1].output[0] = "logits"
    assert last_convolutions(model) == {"level", "answer"}


def test_close_to_the_graph_itself_and_smaller(graph):
    quantised = quantise(graph, [image(seed) for seed in range(3)])
    model = onnx.load_from_string(quantised)
    onnx.checker.check_model(model)
    names = {one.name: numpy_helper.to_array(one).dtype for one in model.graph.initializer}
    kinds = {name.split(".")[0]: kind for name, kind in names.items() if ".w" in name}
    assert {name for name, kind in names.items() if kind == np.int8}, names
    assert kinds["answer"] == np.float32
    assert len(quantised) < len(graph)
    plain = OnnxSession(graph)
    for size in ((24, 20), (37, 51)):
        given = image(9, size)
        expected = plain.run(given)
        for session in (OnnxSession(quantised), OpenVinoSession(quantised)):
            for name, value in session.run(given).items():
                reach = np.abs(expected[name]).max()
                assert 0 < np.abs(value - expected[name]).max() < 0.05 * reach


def test_ranges_are_those_of_what_was_seen(graph):
    """What is brighter than anything seen is cut off."""
    quantised = OnnxSession(quantise(graph, [image(0)]))
    given = image(1)
    bright = {"image": given["image"] * 10}
    plain = OnnxSession(graph)
    for feeds, close in ((given, True), (bright, False)):
        wanted, found = plain.run(feeds)["p2"], quantised.run(feeds)["p2"]
        assert (np.abs(wanted - found).mean() < 0.05 * np.abs(wanted).mean()) == close


def test_nothing_to_quantise_changes_nothing(graph):
    model = onnx.load_from_string(graph)
    del model.graph.node[:5]
    model.graph.node[0].input[0] = "image"
    del model.graph.output[0]
    alone = model.SerializeToString()
    assert quantise(alone, [image(0)]) == alone


def test_nothing_seen_is_refused(graph):
    with pytest.raises(ValueError, match="learnt from nothing"):
        quantise(graph, [])
