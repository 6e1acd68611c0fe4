"""Graphs run by OpenVINO, cut where the last product of an answer begins.

In bfloat16 numbers around 20 are an eighth apart. Where a heat map is rounded so before its middle
is taken, the middle moves by a fraction of a pixel that is measured afterwards.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from numpy.typing import NDArray

from polyclinic.own_process import OwnOfProcess
from polyclinic.runtime.predictors.openvino_silent import core, openvino, opset, passes
from polyclinic.runtime.predictors.session import Arrays, own_threads

MULTIPLYING = frozenset({"Convolution", "GroupConvolution", "ConvolutionBackpropData", "MatMul"})
JOINT = "joint."
"""Begins the names of arrays that join the two parts."""


def split_tail(
    model: openvino.Model, answers: Sequence[str]
) -> tuple[openvino.Model, openvino.Model] | None:
    """The part of a graph before the last products of some answers, and the part from there.

    The graph is used up. None where the answers come from no product.

    Args:
        model: the graph.
        answers: names of outputs.
    """
    last = last_products(model, answers)
    if not last:
        return None
    tail = _behind(model, last)
    joints: dict[tuple[str, int], tuple[openvino.Output, openvino.Node]] = {}
    for node in model.get_ordered_ops():
        if node.get_friendly_name() not in tail:
            continue
        for put in node.inputs():
            source = put.get_source_output()
            origin = source.get_node()
            name = origin.get_friendly_name()
            if name in tail or origin.get_type_name() == "Constant":
                continue
            place = (name, source.get_index())
            if place not in joints:
                joints[place] = (source, _entry(source, f"{JOINT}{len(joints)}"))
            put.replace_source_output(joints[place][1].output(0))
    ends = [_exit(source, entry.get_friendly_name()) for source, entry in joints.values()]
    results = model.get_results()
    moved = [one for one in results if one.get_friendly_name() in tail]
    kept = [one for one in results if one.get_friendly_name() not in tail]
    return (
        openvino.Model([*ends, *kept], model.get_parameters()),
        openvino.Model(moved, [entry for _, entry in joints.values()]),
    )


def last_products(model: openvino.Model, answers: Sequence[str]) -> set[str]:
    """Names of the products between which and an answer there is no other."""
    waiting = [one.get_node() for name in answers for one in [model.output(name)]]
    seen: set[str] = set()
    found: set[str] = set()
    while waiting:
        node = waiting.pop()
        name = node.get_friendly_name()
        if name in seen:
            continue
        seen.add(name)
        if node.get_type_name() in MULTIPLYING:
            found.add(name)
        else:
            waiting += [put.get_source_output().get_node() for put in node.inputs()]
    return found


def _behind(model: openvino.Model, first: set[str]) -> set[str]:
    """Names of these nodes and of all that come from them."""
    found = set(first)
    for node in model.get_ordered_ops():
        sources = (put.get_source_output().get_node() for put in node.inputs())
        if any(one.get_friendly_name() in found for one in sources):
            found.add(node.get_friendly_name())
    return found


def _entry(source: openvino.Output, name: str) -> openvino.Node:
    entry = opset.parameter(source.get_partial_shape(), source.get_element_type(), name=name)
    entry.output(0).set_names({name})
    return entry


def _exit(source: openvino.Output, name: str) -> openvino.Node:
    result = opset.result(source)
    result.set_friendly_name(name)
    return result


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
