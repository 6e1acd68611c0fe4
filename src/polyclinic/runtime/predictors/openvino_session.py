"""Graphs run by OpenVINO."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any, Literal

from numpy.typing import NDArray

from polyclinic.runtime.predictors.openvino_silent import openvino
from polyclinic.runtime.predictors.session import Arrays, own_threads

Precision = Literal["f32", "bf16"]
SIZES_KEPT = 4
SINK = "/sink_port_0"


class OpenVinoSession:
    """A graph in OpenVINO, on the CPU.

    A graph whose input may have any size is compiled for each size that comes, as fixed sizes run
    faster; the last few are kept.

    Args:
        graph: serialised ONNX, an OpenVINO model's XML, or a model.
        weights: of an XML.
        precision: in which convolutions and matrix products are computed.
        threads: it may use; None: `own_threads`.
        fix_sizes: whether to compile for each size.
    """

    def __init__(
        self,
        graph: bytes | openvino.Model,
        weights: bytes = b"",
        *,
        precision: Precision = "f32",
        threads: int | None = None,
        fix_sizes: bool = False,
    ) -> None:
        self.core = openvino.Core()
        self.model = self.core.read_model(graph, weights) if isinstance(graph, bytes) else graph
        self.settings: dict[str, Any] = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": precision,
        }
        threads = own_threads() if threads is None else threads
        if threads:
            # Threads of each process would be bound to the first cores, all to the same ones.
            self.settings |= {"INFERENCE_NUM_THREADS": threads, "ENABLE_CPU_PINNING": False}
        self.fix_sizes = fix_sizes
        self.inputs = [one.get_any_name() for one in self.model.inputs]
        # A tensor may go by several names; its result was named by the exporter.
        self.outputs = [
            one.get_friendly_name().removesuffix(SINK) for one in self.model.get_results()
        ]
        self._compiled: OrderedDict[tuple[int, ...], openvino.CompiledModel] = OrderedDict()
        self._lock, self._mine = threading.Lock(), threading.local()

    def run(self, feeds: Arrays) -> dict[str, NDArray[Any]]:
        """Outputs by name, valid until this thread runs the graph again."""
        given = {name: feeds[name] for name in self.inputs}
        request = self._request(given)
        request.infer(given, share_inputs=True)
        return {name: request.get_output_tensor(row).data for row, name in enumerate(self.outputs)}

    def _request(self, feeds: Arrays) -> openvino.InferRequest:
        """One a thread and size."""
        size = next(iter(feeds.values())).shape if self.fix_sizes else ()
        compiled = self._compile(size)
        kept = getattr(self._mine, "kept", None)
        if kept is None or kept[0] is not compiled:
            self._mine.kept = kept = (compiled, compiled.create_infer_request())
        return kept[1]

    def _compile(self, size: tuple[int, ...]) -> openvino.CompiledModel:
        with self._lock:
            if size not in self._compiled:
                if size:
                    self.model.reshape(list(size))
                self._compiled[size] = self.core.compile_model(self.model, "CPU", self.settings)
                while len(self._compiled) > SIZES_KEPT:
                    self._compiled.popitem(last=False)
            self._compiled.move_to_end(size)
            return self._compiled[size]
