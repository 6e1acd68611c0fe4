"""Graphs whose convolutions are computed with integers of 8 bit.

Post-training static quantisation, quantise-dequantise format: activations by their range over
calibration images, weights by output channel (Jacob et al., "Quantization and Training of Neural
Networks for Efficient Integer-Arithmetic-Only Inference", CVPR 2018, section 2).
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)

Feeds = Mapping[str, NDArray[Any]]
KIND = "Conv"


def quantise(graph: bytes, feeds: Sequence[Feeds]) -> bytes:
    """The same graph with its convolutions in 8 bit, but for those that make an answer.

    Args:
        graph: serialised ONNX.
        feeds: what it is run with to learn the ranges of activations, one or more.

    Raises:
        ValueError: there are no feeds.
    """
    if not feeds:
        raise ValueError("ranges can't be learnt from nothing")
    model = onnx.load_from_string(graph)
    answering = last_convolutions(model)
    if not convolutions(model) - answering:
        return graph
    with _quiet(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.onnx"
        quantize_static(
            model,
            path,
            _Feeds(feeds),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=[KIND],
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=sorted(answering),
            calibrate_method=CalibrationMethod.MinMax,
        )
        return path.read_bytes()


def convolutions(model: onnx.ModelProto) -> set[str]:
    """Names of its convolutions."""
    return {node.name for node in model.graph.node if node.op_type == KIND}


def last_convolutions(model: onnx.ModelProto) -> set[str]:
    """Names of the convolutions between which and an answer there is no other.

    Answers are outputs called `task.name`, or all where none is. They keep their digits: an error
    there is an error of the reading, while one further back is averaged over many channels.
    """
    makers = {name: node for node in model.graph.node for name in node.output}
    outputs = [one.name for one in model.graph.output]
    waiting = [name for name in outputs if "." in name] or outputs
    seen: set[str] = set()
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in makers:
            continue
        seen.add(name)
        node = makers[name]
        if node.op_type == KIND:
            found.add(node.name)
        else:
            waiting.extend(node.input)
    return found


class _Feeds(CalibrationDataReader):
    def __init__(self, feeds: Sequence[Feeds]) -> None:
        self.feeds = iter(feeds)

    def get_next(self) -> Feeds | None:
        return next(self.feeds, None)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep advice on the quantiser's own command line away."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
