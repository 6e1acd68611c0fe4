"""Readers of runs whose networks are run by OpenVINO.

Graphs are exported on first use and kept in the run, by what they are made of. Once they are
there nothing of torch is imported, which would take most of the start of a process that reads.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

from polyclinic.atomic import check_writable
from polyclinic.geometry import Size
from polyclinic.runtime.ensemble import Ensemble
from polyclinic.runtime.exported import open_exported
from polyclinic.runtime.exported.container import FORMAT
from polyclinic.runtime.predictors.graph_predictor import GraphPredictor
from polyclinic.runtime.predictors.predictor import Predictor, SizedPredictor
from polyclinic.runtime.reader import Reader
from polyclinic.runtime.reads import BaseReader

GRAPHS = "graphs"
DECISIVE = (
    "config.yaml",
    "model.safetensors",
    "model.json",
    "calibration.json",
    "folds.json",
    "stages.json",
)
"""Files of a run, of its folds and of its stages that decide what is read."""


def fast_reader(run: Path, precision: str, size: Size | None = None) -> BaseReader:
    """The reader of a run, on the CPU in OpenVINO.

    Args:
        run: its directory.
        precision: `fp32` or `bf16`.
        size: (height, width) of images, for networks whose graphs take one size.

    Raises:
        RunError: the run can't be read, or its kind can't be exported.
    """
    reader = open_exported(kept_graphs(run, size), runtime="openvino", precision=precision)
    if isinstance(reader, Ensemble):
        for number, member in enumerate(reader.members):
            _take_any_size(member, partial(_member, run, number))
    else:
        _take_any_size(reader, partial(_in_torch, run))
    return reader


def _take_any_size(reader: BaseReader, plain: Callable[[], BaseReader]) -> None:
    """Where its graph takes one size, have torch look at images of other sizes."""
    if not isinstance(reader, Reader):
        return
    graphs = reader.predictor
    if isinstance(graphs, GraphPredictor) and graphs.size is not None:
        reader.predictor = SizedPredictor(graphs, graphs.size, partial(_predictor_of, plain))


def _predictor_of(plain: Callable[[], BaseReader]) -> Predictor:
    return cast(Reader, plain()).predictor


def _member(run: Path, number: int) -> BaseReader:
    return cast(Ensemble, _in_torch(run)).members[number]


def _in_torch(run: Path) -> BaseReader:
    from polyclinic.runs.load import load

    return load(run)


def kept_graphs(run: Path, size: Size | None = None) -> Path:
    """The graphs of a run in ONNX, exported unless they are there.

    Raises:
        RunError: the run can't be read, or its kind can't be exported.
    """
    path = kept_at(run)
    if not path.exists():
        from polyclinic.runtime.export.write import export

        check_writable(path)
        export(_in_torch(run), path, to="onnx", size=size)
    return path


def kept_at(run: Path) -> Path:
    """Where the graphs of a run are, or can be kept: in the run, else in the user's cache.

    A model that is mounted can often not be written to. The cache is `$XDG_CACHE_HOME`, or
    `~/.cache` where that is not set.
    """
    path = graphs_of(run)
    if path.exists():
        return path
    try:
        check_writable(path)
    except OSError:
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(cache, "polyclinic", GRAPHS, path.stem, path.name)
    return path


def graphs_of(run: Path) -> Path:
    """Where a run itself keeps its graphs; another path once the run has changed."""
    digest = hashlib.sha256(f"format {FORMAT}".encode())
    for file in sorted(run.rglob("*")):
        if file.name in DECISIVE:
            digest.update(str(file.relative_to(run)).encode())
            digest.update(file.read_bytes())
    return run / GRAPHS / f"{digest.hexdigest()[:16]}.polyclinic"
