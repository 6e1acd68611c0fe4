"""Graphs run by ONNX Runtime."""

from __future__ import annotations

from functools import partial
from typing import Any

import onnxruntime
from numpy.typing import NDArray

from polyclinic.own_process import OwnOfProcess
from polyclinic.runtime.predictors.session import Arrays, own_threads

QUIET = 3


class OnnxSession:
    """A graph in ONNX Runtime, on the CPU.

    Args:
        graph: serialised ONNX.
        threads: it may use; None: `own_threads`.
    """

    def __init__(self, graph: bytes, *, threads: int | None = None) -> None:
        threads = own_threads() if threads is None else threads
        self._session = OwnOfProcess(partial(_opened, graph, threads))
        self.inputs = {one.name for one in self.session.get_inputs()}
        self.outputs = [one.name for one in self.session.get_outputs()]

    @property
    def session(self) -> onnxruntime.InferenceSession:
        """That of this process."""
        return self._session()

    def run(self, feeds: Arrays) -> dict[str, NDArray[Any]]:
        """Outputs by name."""
        given = {name: value for name, value in feeds.items() if name in self.inputs}
        return dict(zip(self.outputs, self.session.run(self.outputs, given), strict=True))


def _opened(graph: bytes, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = QUIET
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
