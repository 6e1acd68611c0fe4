"""Graphs as ONNX."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import onnx
import torch
from torch import Tensor, nn
from torch.export import Dim

from polyclinic.geometry import Size
from polyclinic.runtime.export.graphs import RegionGraph, WholeGraph, example_regions
from polyclinic.tasks import Network

WHOLE = "whole"
OPSET = 20
EXAMPLE = (128, 160)
LEAST_SIDE, MOST_SIDE = 33, 8192


@dataclass(frozen=True)
class OnnxGraphs:
    """A network as ONNX.

    Args:
        graphs: serialised models: `whole`, and one by the name of each region task.
        size: (height, width) of the only images that `whole` takes; None: any.
    """

    graphs: Mapping[str, bytes]
    size: Size | None


def to_onnx(network: Network, size: Size) -> OnnxGraphs:
    """Export a network.

    Args:
        network: on the CPU, in evaluation mode.
        size: (height, width) in the network for which `whole` is made where the encoder can't be
            exported for images of any size.
    """
    with _quiet():
        whole = _whole_of_any_size(network)
        fixed = None if whole is not None else size
        whole = whole or _whole(network, size, any_size=False)
        return OnnxGraphs({WHOLE: whole} | _regions(network, fixed or EXAMPLE), fixed)


def _whole_of_any_size(network: Network) -> bytes | None:
    """None where sizes are part of the graph, which the exporter says, or does without a word."""
    try:
        graph = _whole(network, EXAMPLE, any_size=True)
    except Exception:  # it has many ways to say so
        return None
    (image,) = onnx.load_from_string(graph).graph.input
    sides = image.type.tensor_type.shape.dim[:2]
    return graph if all(side.dim_param for side in sides) else None


def _whole(network: Network, size: Size, *, any_size: bool) -> bytes:
    graph = WholeGraph(network).eval()
    image = torch.randint(0, 256, (*size, 3), dtype=torch.uint8)
    free = {axis: Dim(name, min=LEAST_SIDE, max=MOST_SIDE) for axis, name in enumerate("hw")}
    return _export(graph, (image,), ["image"], (free,) if any_size else None)


def _regions(network: Network, size: Size) -> dict[str, bytes]:
    tasks = [task for task in network.task_list if task.region_levels]
    if not tasks:
        return {}
    levels, boxes = example_regions(network, size)
    graphs = {}
    for task in tasks:
        graph = RegionGraph(task).eval()
        maps = [levels[level] for level in graph.levels]
        many = Dim("regions", min=0, max=1 << 20)
        cells = [
            {2: Dim(f"{level}_rows", min=1), 3: Dim(f"{level}_columns", min=1)}
            for level in graph.levels
        ]
        graphs[task.name] = _export(
            graph,
            (maps, boxes),
            [*graph.levels, "boxes"],
            (cells, {0: many}),
        )
    return graphs


def _export(
    graph: nn.Module, inputs: tuple[Any, ...], names: list[str], shapes: tuple[Any, ...] | None
) -> bytes:
    with torch.no_grad():
        outputs: dict[str, Tensor] = graph(*inputs)
        program = torch.onnx.export(
            graph,
            inputs,
            dynamo=True,
            dynamic_shapes=shapes,
            input_names=names,
            output_names=list(outputs),
            opset_version=OPSET,
            verbose=False,
        )
    assert program is not None
    serialised: bytes = program.model_proto.SerializeToString()
    return serialised


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's remarks about its own insides away."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
