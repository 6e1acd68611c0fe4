"""Graphs of regions say in two parts what they say in one."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from polyclinic.runtime.predictors.openvino_regions import OpenVinoRegions, cut
from polyclinic.runtime.predictors.openvino_silent import openvino
from polyclinic.runtime.predictors.session import OnnxSession

CHANNELS, CELLS = 4, 3
LEVEL = np.random.default_rng(0).random((1, CHANNELS, 300, 400), np.float32)
BOXES = np.array([[801, 2, 1203, 399], [1001, 600, 1100, 703], [1, 3, 50, 70]], np.float32)


def graph(*more, outputs=("answer",)):
    """Boxes are cropped from cells of 4 pixels, and the crops multiplied with weights."""
    weights = np.random.default_rng(1).random((CHANNELS, CHANNELS, 1, 1), np.float32)
    nodes = [
        helper.make_node("Add", ["boxes", "boxes"], ["doubled"]),
        helper.make_node("Shape", ["boxes"], ["number"], start=0, end=1),
        helper.make_node("ConstantOfShape", ["number"], ["rows"], value=zero()),
        helper.make_node(
            "RoiAlign",
            ["p2", "doubled", "rows"],
            ["crops"],
            output_height=CELLS,
            output_width=CELLS,
            spatial_scale=0.125,
            sampling_ratio=2,
        ),
        helper.make_node("Conv", ["crops", "weights"], ["answer"]),
        *more,
    ]
    made = helper.make_graph(
        nodes,
        "toy",
        [info("boxes", ["n", 4]), info("p2", [1, CHANNELS, "h", "w"])],
        [info(name, None) for name in outputs],
        initializer=[helper.make_tensor("weights", TensorProto.FLOAT, weights.shape, weights)],
    )
    opset = [helper.make_opsetid("", 20)]
    return helper.make_model(made, opset_imports=opset, ir_version=10).SerializeToString()


def info(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def zero():
    return helper.make_tensor("value", TensorProto.INT64, [1], [0])


CUT = graph()
WHOLE = [
    graph(helper.make_node("Neg", ["boxes"], ["left"]), outputs=("answer", "left")),
    graph(helper.make_node("Conv", ["p2", "weights"], ["level"]), outputs=("answer", "level")),
]


@pytest.mark.parametrize("one", [CUT, *WHOLE], ids=["cut", "boxes needed later", "two products"])
@pytest.mark.parametrize("number", [0, 1, 3])
def test_what_onnx_runtime_says(one, number):
    feeds = {"p2": LEVEL, "boxes": BOXES[:number]}
    wanted = OnnxSession(one, threads=1).run(feeds)
    found = OpenVinoRegions(one, threads=1).run(feeds)
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-4, atol=1e-5)


def test_only_what_is_joined_by_crops_is_cut():
    core = openvino.Core()
    assert cut(core.read_model(CUT)) is not None
    assert [cut(core.read_model(one)) for one in WHOLE] == [None, None]


def test_boxes_keep_their_digits_in_bfloat16():
    if "BF16" not in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        pytest.skip("this CPU does not compute in bfloat16")
    # A slope of 1 a cell, from 0 at 1000 pixels: a box that begins 2 pixels further left, as in
    # bfloat16, would see a third of it and more.
    slope = np.broadcast_to(np.arange(400, dtype=np.float32) - 249.5, LEVEL.shape).copy()
    feeds = {"p2": slope, "boxes": np.array([[1002, 600, 1006, 604]], np.float32)}
    exact = OpenVinoRegions(CUT, threads=1).run(feeds)["answer"].copy()
    rounded = OpenVinoRegions(CUT, threads=1, precision="bf16").run(feeds)["answer"]
    assert not np.array_equal(rounded, exact)
    np.testing.assert_allclose(rounded, exact, rtol=0.01)
