"""Readers of runs whose networks are run by OpenVINO.

Graphs are exported on first use and kept in the run, by what they are made of.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from polyclinic.geometry import Size
from polyclinic.recipes.load import load
from polyclinic.runtime.export.write import export
from polyclinic.runtime.exported import open_exported
from polyclinic.runtime.reads import Reads

GRAPHS = "graphs"
DECISIVE = ("config.yaml", "model.safetensors", "calibration.json", "folds.json", "stages.json")
"""Files of a run, of its folds and of its stages that decide what is read."""

log = logging.getLogger(__name__)


def fast_reader(run: Path, precision: str, size: Size | None = None) -> Reads:
    """The reader of a run, on the CPU in OpenVINO.

    Args:
        run: its directory.
        precision: `fp32` or `bf16`.
        size: (height, width) of images, for networks whose graphs take one size.

    Raises:
        RunError: the run can't be read, or its kind can't be exported.
    """
    path = graphs_of(run)
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        export(load(run), path, to="onnx", size=size)
    return open_exported(path, runtime="openvino", precision=precision)


def graphs_of(run: Path) -> Path:
    """Where the graphs of a run are kept; another path once the run has changed."""
    digest = hashlib.sha256()
    for file in sorted(run.rglob("*")):
        if file.name in DECISIVE:
            digest.update(str(file.relative_to(run)).encode())
            digest.update(file.read_bytes())
    return run / GRAPHS / f"{digest.hexdigest()[:16]}.polyclinic"
