"""From an exported file to a reader, without torch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.decoding import Detector
from polyclinic.errors import ConfigError
from polyclinic.runtime.exported.container import Container
from polyclinic.runtime.exported.describe import make
from polyclinic.runtime.predictors.graph_predictor import GraphPredictor
from polyclinic.runtime.predictors.session import Arrays, GuardedSession, Session, guarded
from polyclinic.runtime.reads import BaseReader


class Recording:
    """Keeps what sessions are given, by the name of their graph.

    Args:
        session: opens them.
        most: runs a graph that are kept; later ones are not.
    """

    def __init__(self, session: Open, most: int) -> None:
        self.session, self.most = session, most
        self.feeds: dict[str, list[Mapping[str, NDArray[Any]]]] = defaultdict(list)

    def __call__(self, name: str, whole: bool, exact: Sequence[str]) -> Session:
        """Open a graph and listen."""
        return _Listening(self, name, self.session(name, whole, exact))


class _Listening:
    def __init__(self, recording: Recording, name: str, session: Session) -> None:
        self.kept, self.most = recording.feeds[name], recording.most
        self.session = session

    def run(self, feeds: Arrays) -> dict[str, NDArray[Any]]:
        if len(self.kept) < self.most:
            self.kept.append({name: np.array(value) for name, value in feeds.items()})
        return self.session.run(feeds)


SUFFIX = ".polyclinic"

Open = Callable[[str, bool, Sequence[str]], Session]
"""From the name of a graph, whether it takes a whole image, and its exact outputs to a session."""


def is_exported(path: Path) -> bool:
    """Whether a path names an exported reader rather than a run directory."""
    return path.suffix == SUFFIX or path.is_file()


def open_exported(path: Path, *, runtime: str | None = None, precision: str = "fp32") -> BaseReader:
    """The reader of an exported file.

    Args:
        path: of the file.
        runtime: `onnxruntime` or `openvino`; None takes the one that the file was exported for.
        precision: `fp32`, or `bf16` with OpenVINO.

    Raises:
        RunError: the file is missing, damaged or of another version.
        ConfigError: the runtime can't compute so, or can't run this file.
    """
    container = Container(path)
    made_for = container.document["runtime"]
    runtime = runtime or made_for
    numbers = container.document.get("numbers", precision)
    if numbers != precision and (runtime != made_for or precision != "fp32"):
        raise ConfigError(
            f"{path.name} was exported in {numbers}, and judged in {made_for} alone",
            expected=numbers,
            where="--precision",
        )
    session = session_in(container, runtime, precision)
    return open_container(container, session, f"{runtime} {numbers}")


def open_quantised(path: Path) -> BaseReader:
    """The reader of a file that was exported in 8 bit.

    Raises:
        RunError: the file is missing, damaged or of another version.
        ConfigError: it was not exported so.
    """
    if "numbers" not in Container(path).document:
        raise ConfigError(
            f"{path.name} was not exported in int8",
            expected="`polyclinic export RUN --to onnx --precision int8`",
            where="--precision",
        )
    return open_exported(path)


def open_container(container: Container, session: Open, precision: str) -> BaseReader:
    """The reader of a file, around sessions of any kind.

    Args:
        container: the file.
        session: opens its graphs.
        precision: what the reader says of how it computes.

    Raises:
        RunError: a part is missing or not known here.
    """
    return make(
        container.document["reader"], lambda network: _predictor(network, session, precision)
    )


def session_in(container: Container, runtime: str, precision: str) -> Open:
    """What opens graphs of a file in a runtime.

    Raises:
        ConfigError: the runtime can't compute so, or can't run this file.
        RunError: the runtime does not start; later, it can't open or run a graph.
    """
    made_for = container.document["runtime"]
    if runtime == "openvino":
        with guarded("openvino: starting it"):
            from polyclinic.runtime.predictors.openvino_regions import OpenVinoRegions
            from polyclinic.runtime.predictors.openvino_session import OpenVinoSession, Precision

        hint: Precision = "bf16" if precision == "bf16" else "f32"

        def in_openvino(name: str, whole: bool, exact: Sequence[str]) -> Session:
            weights = b"" if made_for == "onnxruntime" else container.graph(f"{name}.bin")
            file = f"{name}.onnx" if made_for == "onnxruntime" else f"{name}.xml"
            graph = container.graph(file)
            if whole:
                return OpenVinoSession(graph, weights, precision=hint, exact=exact, fix_sizes=True)
            return OpenVinoRegions(graph, weights, precision=hint, exact=exact)

        return _guarded(in_openvino, f"{runtime} {precision}")
    if precision == "bf16" or made_for != "onnxruntime":
        raise ConfigError(
            f"ONNX Runtime can't read {container.path.name} in {precision}",
            expected="openvino for bf16 and for files that were exported to it",
            where="--precision",
        )
    with guarded("onnxruntime: starting it"):
        from polyclinic.runtime.predictors.session import OnnxSession

    return _guarded(
        lambda name, whole, exact: OnnxSession(container.graph(f"{name}.onnx")), runtime
    )


def _guarded(session: Open, runtime: str) -> Open:
    """Sessions whose failures name the runtime and the graph, when opened and when run."""

    def open_guarded(name: str, whole: bool, exact: Sequence[str]) -> Session:
        with guarded(f"{runtime}: opening the graph {name}"):
            opened = session(name, whole, exact)
        return GuardedSession(opened, f"{runtime}: running the graph {name}")

    return open_guarded


def _predictor(network: Mapping[str, Any], session: Open, precision: str) -> GraphPredictor:
    detector, prefix, exact = network["detector"], network["prefix"], network["exact"]
    return GraphPredictor(
        session(f"{prefix}whole", True, exact["whole"]),
        {
            task: session(f"{prefix}{task}", False, exact.get(task, ()))
            for task in network["levels"]
        },
        levels=network["levels"],
        classes=network["classes"],
        detector=None if detector is None else Detector.parse(detector),
        precision=precision,
        size=None if network["size"] is None else tuple(network["size"]),
    )
