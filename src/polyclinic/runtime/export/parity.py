"""Parity of exported graphs with their network: whether they compute what it computes."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from polyclinic.errors import RunError
from polyclinic.geometry import Size
from polyclinic.runtime.export.graphs import RegionGraph, WholeGraph, levels_of
from polyclinic.runtime.export.to_onnx import WHOLE, OnnxGraphs
from polyclinic.runtime.predictors.session import OnnxSession
from polyclinic.tasks import Network
from polyclinic.tasks.scale import VALUES, Scale

LIMIT = 1e-3
"""Largest difference of an output, in units of its scale."""
OTHER = (150, 203)
"""No multiples of the frame's: padding must not be looked at."""
REPORT = "report it: the exporter and this network don't go together"
Pixels = NDArray[np.uint8]


@torch.no_grad()
def check_graphs(network: Network, graphs: OnnxGraphs, prefix: str = "") -> list[str]:
    """Compare every output on the scale that its task declares; a line a graph.

    On noise, and on smooth images such as those of training. Where graphs take images of any
    size, one of another size than they were traced with is used.

    Raises:
        RunError: an output is missing, or differs by more than `LIMIT`.
    """
    images = example_images(graphs.size or OTHER)
    whole = OnnxSession(graphs.graphs[WHOLE])
    network_whole = WholeGraph(network)
    worst: dict[str, float] = {}
    regions = {
        task.name: (RegionGraph(task), OnnxSession(graphs.graphs[task.name]))
        for task in network.task_list
        if task.region_levels
    }
    for image in images:
        found = network_whole(torch.from_numpy(image))
        scales = {
            f"{task.name}.{name}": scale
            for task in network.task_list
            for name, scale in task.scales.items()
        }
        _compare(WHOLE, scales, found, whole.run({"image": image}), prefix, worst)
        levels = {level: found[level] for level in levels_of(network)}
        for name, (graph, session) in regions.items():
            maps = {level: levels[level] for level in graph.levels}
            boxes = _boxes(image.shape[:2])
            feeds = {key: one.numpy() for key, one in (maps | {"boxes": boxes}).items()}
            wanted = graph(list(maps.values()), boxes)
            _compare(name, graph.task.scales, wanted, session.run(feeds), prefix, worst)
    return [f"{prefix}{name}: within {apart:.1e} of its scale" for name, apart in worst.items()]


def example_images(size: Size) -> tuple[Pixels, ...]:
    """Noise, a smooth picture, and bright objects on a dark field; (h, w, 3), the same each time.

    Args:
        size: (height, width).
    """
    drawn = np.random.default_rng(0)
    noise = drawn.integers(0, 256, (*size, 3), dtype=np.uint8)
    reach = max(size) / 16
    blurred = cv2.GaussianBlur(drawn.normal(size=(*size, 3)), (0, 0), reach)
    smooth = cv2.normalize(blurred, np.empty_like(blurred), 0, 255, cv2.NORM_MINMAX)
    dark = np.full((*size, 3), 24, np.uint8)
    height, width = size
    for column, row, side in ((0.3, 0.35, 0.18), (0.7, 0.6, 0.12)):
        place = (round(column * width), round(row * height))
        axes = (round(side * width), round(0.6 * side * height))
        cv2.ellipse(dark, place, axes, 30, 0, 360, (196, 150, 128), -1, cv2.LINE_AA)
    dark = np.asarray(cv2.GaussianBlur(dark, (0, 0), 1.5), np.uint8)
    return noise, smooth.astype(np.uint8), dark


def _boxes(size: Size) -> torch.Tensor:
    """(4, 4) boxes on an image: small and large ones."""
    height, width = size
    boxes = torch.tensor([[0.0, 0, width / 2, height / 2], [4.0, 4, width - 1, height - 1]])
    return torch.cat([boxes, boxes + 1])


def _compare(
    name: str,
    scales: Mapping[str, Scale],
    wanted: Mapping[str, torch.Tensor],
    given: Mapping[str, NDArray[np.float32]],
    prefix: str,
    worst: dict[str, float],
) -> None:
    lacking = ", ".join(sorted(wanted.keys() - given.keys()))
    if lacking:
        raise RunError(f"the graph {prefix}{name} lacks {lacking}", hint=REPORT)
    for key, value in wanted.items():
        apart = scales.get(key, VALUES).apart(value.numpy(), given[key])
        if not apart <= LIMIT:
            raise RunError(
                f"the graph {prefix}{name} differs from its network by {apart:.2g} of the scale "
                f"of {key}",
                expected=f"at most {LIMIT:g}",
                hint=REPORT,
            )
        worst[name] = max(worst.get(name, 0.0), apart)
