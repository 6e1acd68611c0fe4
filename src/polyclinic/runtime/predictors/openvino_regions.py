"""Graphs of regions run by OpenVINO: crops in float32, what is said of them in any precision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.own_process import OwnOfProcess
from polyclinic.runtime.predictors.openvino_session import (
    MULTIPLYING,
    OpenVinoSession,
    Precision,
    read_model,
)
from polyclinic.runtime.predictors.openvino_silent import openvino, opset
from polyclinic.runtime.predictors.session import Arrays

CROPPING = "ROIAlign"
CROPS = "crops"


class OpenVinoRegions:
    """A graph of regions in OpenVINO, on the CPU.

    Where boxes lie is always computed in float32: in bfloat16 the numbers around 1000 are 4 pixels
    apart, and everything that is read from a crop moves with it. So the graph is cut where crops
    are first multiplied.

    Args:
        graph, weights, threads: as of `OpenVinoSession`.
        precision, exact: in which crops are looked at.
    """

    def __init__(
        self,
        graph: bytes,
        weights: bytes = b"",
        *,
        precision: Precision = "f32",
        exact: Sequence[str] = (),
        threads: int | None = None,
    ) -> None:
        parts = OwnOfProcess(partial(_parts, graph, weights))
        first, *others = (partial(_part, parts, row) for row in range(len(parts())))
        self.steps = [OpenVinoSession(first, threads=threads)] + [
            OpenVinoSession(one, precision=precision, exact=exact, threads=threads)
            for one in others
        ]

    def run(self, feeds: Arrays) -> dict[str, NDArray[Any]]:
        """Outputs by name, valid until this thread runs the graph again."""
        outputs = dict(feeds)
        for step in self.steps:
            outputs = step.run(outputs)
        return outputs


def _parts(graph: bytes, weights: bytes) -> tuple[openvino.Model, ...]:
    model = read_model(graph, weights)
    parts = cut(model) or (model,)
    crop_all_channels_at_once(parts[0])
    return parts


def _part(parts: OwnOfProcess[tuple[openvino.Model, ...]], row: int) -> openvino.Model:
    return parts()[row]


def cut(model: openvino.Model) -> tuple[openvino.Model, openvino.Model] | None:
    """The part of a graph before crops are first multiplied with weights, and the part from there.

    The two are joined by one array, `CROPS`. None where they would be joined by more, in which
    case nothing is changed.
    """
    sources = {one.get_node().get_friendly_name(): one for one in first_multiplied(model)}
    if len(sources) != 1 or _reach_inputs(model, *sources):
        return None
    [crops] = sources.values()
    joint = opset.parameter(crops.get_partial_shape(), crops.get_element_type(), name=CROPS)
    joint.output(0).set_names({CROPS})
    for use in crops.get_target_inputs():
        use.replace_source_output(joint.output(0))
    result = opset.result(crops)
    result.set_friendly_name(CROPS)
    return (
        openvino.Model([result], model.get_parameters()),
        openvino.Model(model.get_results(), [joint]),
    )


def first_multiplied(model: openvino.Model) -> Iterator[openvino.Output]:
    """What is multiplied with weights and comes from no other such product."""
    behind: set[str] = set()
    for node in model.get_ordered_ops():
        sources = [one.get_source_output() for one in node.inputs()]
        is_behind = any(one.get_node().get_friendly_name() in behind for one in sources)
        multiplies = node.get_type_name() in MULTIPLYING
        if multiplies and not is_behind:
            yield sources[0]
        if multiplies or is_behind:
            behind.add(node.get_friendly_name())


def _reach_inputs(model: openvino.Model, crops: str) -> bool:
    """Whether results come from inputs in another way than by the crops."""
    fed: set[str] = {one.get_friendly_name() for one in model.get_parameters()}
    for node in model.get_ordered_ops():
        names = {one.get_source_output().get_node().get_friendly_name() for one in node.inputs()}
        if names & fed and node.get_friendly_name() != crops:
            fed.add(node.get_friendly_name())
    return any(one.get_friendly_name() in fed for one in model.get_results())


def crop_all_channels_at_once(model: openvino.Model) -> None:
    """Have all channels of a place cropped together, which is several times faster.

    OpenVINO crops in the order in which a map lies in memory, and that of an input is channel by
    channel. What a convolution gives has its channels together; so there is one that multiplies
    each channel by 1.
    """
    done: dict[str, openvino.Output] = {}
    for node in model.get_ordered_ops():
        if node.get_type_name() != CROPPING:
            continue
        level = node.input(0).get_source_output()
        name, channels = level.get_node().get_friendly_name(), level.get_partial_shape()[1]
        if channels.is_dynamic:
            continue
        if name not in done:
            ones = np.ones((channels.get_length(), 1, 1, 1, 1), np.float32)
            same = opset.group_convolution(level, ones, [1, 1], [0, 0], [0, 0], [1, 1])
            done[name] = same.output(0)
        node.input(0).replace_source_output(done[name])
