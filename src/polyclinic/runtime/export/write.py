"""Write a reader as one file that is read without torch."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from polyclinic.data.augment import FrameConfig
from polyclinic.geometry import Size
from polyclinic.runtime.export.parity import check_graphs
from polyclinic.runtime.export.to_onnx import WHOLE, OnnxGraphs, to_onnx
from polyclinic.runtime.exported.container import write_container
from polyclinic.runtime.exported.describe import describe
from polyclinic.runtime.predictors.session import guarded
from polyclinic.runtime.reader import Reader
from polyclinic.runtime.reads import BaseReader
from polyclinic.tasks import Task

Target = Literal["onnx", "openvino"]
RUNTIMES: Mapping[Target, str] = {"onnx": "onnxruntime", "openvino": "openvino"}


def export(reader: BaseReader, path: Path, *, to: Target, size: Size | None = None) -> list[str]:
    """Export a reader, once its graphs give what its networks give.

    Args:
        reader: with networks in torch, on the CPU.
        path: of the file.
        to: ONNX, for ONNX Runtime, or OpenVINO's own format.
        size: (height, width) of images, for encoders whose graphs take one size; by default 3:4
            at the size of the reader's frame.

    Returns:
        A line a graph on how far it is from its network.

    Raises:
        RunError: the reader is of a kind that can't be exported, an exporter fails, or a graph
            differs.
    """
    members: dict[str, bytes] = {}
    said: list[str] = []

    def keep(one: Reader, prefix: str) -> dict[str, Any]:
        with guarded("exporting the network"):
            graphs = to_onnx(one.network, size_at(one.frame, size))
        with guarded("comparing the graphs with the network"):
            said.extend(check_graphs(one.network, graphs, prefix))
        with guarded(f"writing the graphs for {RUNTIMES[to]}"):
            members.update(_members(graphs, prefix, to))
        return _network(one, graphs, prefix)

    document = {
        "polyclinic": version("polyclinic"),
        "runtime": RUNTIMES[to],
        "reader": describe(reader, keep),
    }
    write_container(path, document, members)
    return said


def size_at(frame: FrameConfig, size: Size | None) -> Size:
    """(height, width) at which the network sees an image of some size."""
    return frame.fit(size or (3 * frame.longest // 4, frame.longest))


def _network(reader: Reader, graphs: OnnxGraphs, prefix: str) -> dict[str, Any]:
    tasks = reader.task_list
    detector = next((one.detector for one in tasks if one.detector is not None), None)
    return {
        "prefix": prefix,
        "size": None if graphs.size is None else list(graphs.size),
        "levels": {one.name: list(one.region_levels) for one in tasks if one.region_levels},
        "classes": {
            one.name: list(one.region_classes) for one in tasks if one.region_classes is not None
        },
        "exact": _exact(tasks),
        "detector": None if detector is None else detector.model_dump(mode="json"),
    }


def _exact(tasks: Sequence[Task]) -> dict[str, list[str]]:
    """Outputs that are measured to fractions of a pixel, by graph."""
    regions = {one.name: list(one.exact) for one in tasks if one.region_levels and one.exact}
    whole = [f"{one.name}.{name}" for one in tasks if not one.region_levels for name in one.exact]
    return {WHOLE: whole, **regions}


def _members(graphs: OnnxGraphs, prefix: str, to: Target) -> dict[str, bytes]:
    if to == "onnx":
        return {f"{prefix}{name}.onnx": graph for name, graph in graphs.graphs.items()}
    members: dict[str, bytes] = {}
    for name, graph in graphs.graphs.items():
        xml, weights = _to_openvino(graph)
        members |= {f"{prefix}{name}.xml": xml, f"{prefix}{name}.bin": weights}
    return members


def _to_openvino(graph: bytes) -> tuple[bytes, bytes]:
    """Model and weights, all weights as they are."""
    from polyclinic.runtime.predictors.openvino_silent import core, openvino

    model = core().read_model(graph)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.xml"
        openvino.serialize(model, str(path))
        return path.read_bytes(), path.with_suffix(".bin").read_bytes()
