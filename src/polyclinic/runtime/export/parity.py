"""Whether graphs compute what their network computes."""

from __future__ import annotations

import numpy as np
import torch

from polyclinic.errors import RunError
from polyclinic.runtime.export.graphs import RegionGraph, WholeGraph, example_regions
from polyclinic.runtime.export.to_onnx import EXAMPLE, WHOLE, OnnxGraphs
from polyclinic.runtime.predictors.onnx_session import OnnxSession
from polyclinic.tasks import Network

LIMIT = 1e-3
"""Largest difference of an output, in shares of the largest value of it."""
OTHER = (160, 224)


@torch.no_grad()
def check_graphs(network: Network, graphs: OnnxGraphs, prefix: str = "") -> list[str]:
    """Compare every output on images of noise; a line a graph.

    Where graphs take images of any size, one of another size than they were traced with is used.

    Raises:
        RunError: an output differs by more than `LIMIT`.
    """
    size = graphs.size or OTHER
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    said = []
    wanted = WholeGraph(network)(torch.from_numpy(image))
    given = OnnxSession(graphs.graphs[WHOLE]).run({"image": image})
    said.append(_compare(prefix + WHOLE, wanted, given))
    for task in network.task_list:
        if not task.region_levels:
            continue
        levels, boxes = example_regions(network, graphs.size or EXAMPLE)
        boxes = torch.cat([boxes, boxes + 1])
        graph = RegionGraph(task)
        maps = {level: levels[level] for level in graph.levels}
        feeds = {name: one.numpy() for name, one in (maps | {"boxes": boxes}).items()}
        wanted = graph(list(maps.values()), boxes)
        given = OnnxSession(graphs.graphs[task.name]).run(feeds)
        said.append(_compare(prefix + task.name, wanted, given))
    return said


def _compare(name: str, wanted: dict[str, torch.Tensor], given: dict[str, np.ndarray]) -> str:
    worst = 0.0
    for key, value in wanted.items():
        expected = value.numpy().astype(np.float64)
        scale = float(np.abs(expected).max()) or 1.0
        worst = max(worst, float(np.abs(expected - given[key]).max()) / scale)
    if not worst <= LIMIT:
        raise RunError(
            f"the graph {name} differs from its network by {worst:.2g} of the largest value",
            expected=f"at most {LIMIT:g}",
            hint="report it: the exporter and this network don't go together",
        )
    return f"{name}: within {worst:.1e} of the largest value"
