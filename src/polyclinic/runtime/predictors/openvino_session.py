"""Graphs run by OpenVINO."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from numpy.typing import NDArray

from polyclinic.own_process import OwnOfProcess
from polyclinic.runtime.predictors.openvino_silent import core, openvino, passes
from polyclinic.runtime.predictors.openvino_tail import JOINT, split_tail
from polyclinic.runtime.predictors.session import Arrays, own_threads

Precision = Literal["f32", "bf16"]
SIZES_KEPT = 4
SINK = "/sink_port_0"


@dataclass(frozen=True, eq=False)
class Part:
    """A compiled graph, or a part of one.

    Args:
        compiled: by OpenVINO.
        inputs, outputs: by their names, in order.
    """

    compiled: openvino.CompiledModel
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @classmethod
    def of(cls, model: openvino.Model, settings: dict[str, Any]) -> Part:
        """Compile a graph."""
        return cls(
            core().compile_model(model, "CPU", settings),
            tuple(one.get_any_name() for one in model.inputs),
            # A tensor may go by several names; its result was named by the exporter.
            tuple(one.get_friendly_name().removesuffix(SINK) for one in model.get_results()),
        )

    def run(self, request: openvino.InferRequest, feeds: Arrays) -> dict[str, NDArray[Any]]:
        """Outputs by name."""
        request.infer({name: feeds[name] for name in self.inputs}, share_inputs=True)
        return {name: request.get_output_tensor(row).data for row, name in enumerate(self.outputs)}


@dataclass(frozen=True, eq=False)
class _Ready:
    """What a process has compiled of a graph, by size of the input, and each thread's requests."""

    compiled: OrderedDict[tuple[int, ...], tuple[Part, ...]] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    mine: threading.local = field(default_factory=threading.local)


def read_model(graph: bytes, weights: bytes) -> openvino.Model:
    """A graph as OpenVINO takes it: from ONNX, or from its own XML and weights."""
    return core().read_model(graph, weights)


class OpenVinoSession:
    """A graph in OpenVINO, on the CPU.

    A graph whose input may have any size is compiled for each size that comes, as fixed sizes run
    faster; the last few are kept.

    Args:
        graph: serialised ONNX, an OpenVINO model's XML, or what makes a model in each process.
        weights: of an XML.
        precision: in which convolutions and matrix products are computed.
        exact: outputs whose last products are computed in float32 all the same, and what follows
            them by one thread: sums that are shared out among threads differ in their last digits.
        threads: it may use; None: `own_threads`.
        fix_sizes: whether to compile for each size.
    """

    def __init__(
        self,
        graph: bytes | Callable[[], openvino.Model],
        weights: bytes = b"",
        *,
        precision: Precision = "f32",
        exact: Sequence[str] = (),
        threads: int | None = None,
        fix_sizes: bool = False,
    ) -> None:
        make = partial(read_model, graph, weights) if isinstance(graph, bytes) else graph
        self._model = OwnOfProcess(make)
        self.settings: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
        threads = own_threads() if threads is None else threads
        if threads:
            # Threads of each process would be bound to the first cores, all to the same ones.
            self.settings |= {"INFERENCE_NUM_THREADS": threads, "ENABLE_CPU_PINNING": False}
        self.precision, self.fix_sizes, self.exact = precision, fix_sizes, tuple(exact)
        self._input = self._model().inputs[0].get_any_name()
        self._ready = OwnOfProcess(_Ready)

    def run(self, feeds: Arrays) -> dict[str, NDArray[Any]]:
        """Outputs by name, valid until this thread runs the graph again."""
        found: dict[str, NDArray[Any]] = {}
        given = feeds
        for part, request in self._requests(feeds[self._input].shape if self.fix_sizes else ()):
            given = part.run(request, given)
            found |= given
        return {name: value for name, value in found.items() if not name.startswith(JOINT)}

    def _requests(self, size: tuple[int, ...]) -> list[tuple[Part, openvino.InferRequest]]:
        """One a thread and size."""
        parts = self._compile(size)
        mine = self._ready().mine
        kept = getattr(mine, "kept", None)
        if kept is None or kept[0] is not parts:
            requests = [(part, part.compiled.create_infer_request()) for part in parts]
            mine.kept = kept = (parts, requests)
        return kept[1]

    def _compile(self, size: tuple[int, ...]) -> tuple[Part, ...]:
        ready = self._ready()
        with ready.lock:
            if size not in ready.compiled:
                ready.compiled[size] = self._parts(size)
                while len(ready.compiled) > SIZES_KEPT:
                    ready.compiled.popitem(last=False)
            ready.compiled.move_to_end(size)
            return ready.compiled[size]

    def _parts(self, size: tuple[int, ...]) -> tuple[Part, ...]:
        model = self._model().clone()
        if size:
            model.reshape(list(size))
        rough = self.settings | {"INFERENCE_PRECISION_HINT": self.precision}
        if self.exact:
            folding = passes.Manager()  # what depends on a fixed size becomes fixed itself
            folding.register_pass(passes.ConstantFolding())
            folding.run_passes(model)
            if (split := split_tail(model, self.exact)) is not None:
                exact = self.settings | {
                    "INFERENCE_PRECISION_HINT": "f32",
                    "INFERENCE_NUM_THREADS": 1,
                    "ENABLE_CPU_PINNING": False,
                }
                return Part.of(split[0], rough), Part.of(split[1], exact)
        return (Part.of(model, rough),)
