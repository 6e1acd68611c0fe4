"""Whether graphs compute what their network computes."""

from __future__ import annotations

import math

import numpy as np
import torch

from polyclinic.errors import RunError
from polyclinic.runtime.export.graphs import RegionGraph, WholeGraph, example_regions
from polyclinic.runtime.export.to_onnx import EXAMPLE, WHOLE, OnnxGraphs
from polyclinic.runtime.predictors.onnx_session import OnnxSession
from polyclinic.tasks import Network

LIMIT = 1e-3
"""Largest difference of an output, in shares of the largest value of it."""
OTHER = (150, 203)
"""No multiples of the frame's: padding must not be looked at."""
REPORT = "report it: the exporter and this network don't go together"


@torch.no_grad()
def check_graphs(network: Network, graphs: OnnxGraphs, prefix: str = "") -> list[str]:
    """Compare every output on images of noise; a line a graph.

    Where graphs take images of any size, one of another size than they were traced with is used.

    Raises:
        RunError: an output is missing, or differs by more than `LIMIT`.
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
    lacking = ", ".join(sorted(wanted.keys() - given.keys()))
    if lacking:
        raise RunError(f"the graph {name} lacks {lacking}", hint=REPORT)
    worst = max(_apart(value.numpy(), given[key]) for key, value in wanted.items())
    if worst > LIMIT:
        raise RunError(
            f"the graph {name} differs from its network by {worst:.2g} of the largest value",
            expected=f"at most {LIMIT:g}",
            hint=REPORT,
        )
    return f"{name}: within {worst:.1e} of the largest value"


def _apart(wanted: np.ndarray, given: np.ndarray) -> float:
    """Largest difference, in shares of the largest value; infinite where it is no number."""
    if wanted.shape != given.shape:
        return math.inf
    apart = np.abs(wanted.astype(np.float64) - given).max(initial=0.0)
    scale = np.abs(wanted).max(initial=0.0) or 1.0
    return float(apart / scale) if np.isfinite(apart) else math.inf
