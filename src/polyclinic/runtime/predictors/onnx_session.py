"""Graphs run by ONNX Runtime."""

from __future__ import annotations

from typing import Any

import onnxruntime
from numpy.typing import NDArray

from polyclinic.runtime.predictors.session import Arrays, own_threads

QUIET = 3


class OnnxSession:
    """A graph in ONNX Runtime, on the CPU.

    Args:
        graph: serialised ONNX.
        threads: it may use; None: `own_threads`.
    """

    def __init__(self, graph: bytes, *, threads: int | None = None) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = QUIET
        options.intra_op_num_threads = own_threads() if threads is None else threads
        self.session = onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"]
        )
        self.inputs = {one.name for one in self.session.get_inputs()}
        self.outputs = [one.name for one in self.session.get_outputs()]

    def run(self, feeds: Arrays) -> dict[str, NDArray[Any]]:
        """Outputs by name."""
        given = {name: value for name, value in feeds.items() if name in self.inputs}
        return dict(zip(self.outputs, self.session.run(self.outputs, given), strict=True))
