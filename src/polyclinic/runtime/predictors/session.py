"""A graph that can be run, guarded, and run by ONNX Runtime."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

import onnxruntime
from numpy.typing import NDArray

from polyclinic.errors import PolyclinicError, RunError, reason
from polyclinic.own_process import OwnOfProcess

onnxruntime.disable_telemetry_events()  # where it was imported before polyclinic

Arrays = Mapping[str, NDArray[Any]]


class Session(Protocol):
    """A graph that can be run, from several threads at once."""

    def run(self, feeds: Arrays) -> dict[str, NDArray[Any]]:
        """Outputs by name; they may be views that the next run of this thread overwrites."""
        ...


OpenSession = Callable[[bytes], Session]
"""From a serialised graph to a session."""


def own_threads() -> int:
    """Threads that a process was told to use (`OMP_NUM_THREADS`, as torch); 0: not told."""
    said = os.environ.get("OMP_NUM_THREADS", "")
    return int(said) if said.isdecimal() else 0


HINT = "read the run with --precision fp32, which is torch alone, or export it again"


class GuardedSession:
    """A session whose failures name the runtime and the graph.

    Args:
        session: runs the graph.
        what: the runtime and the graph, for messages.
    """

    def __init__(self, session: Session, what: str) -> None:
        self.session, self.what = session, what

    def run(self, feeds: Arrays) -> dict[str, NDArray[Any]]:
        """Outputs by name.

        Raises:
            RunError: the runtime failed.
        """
        with guarded(self.what):
            return self.session.run(feeds)


@contextmanager
def guarded(what: str) -> Iterator[None]:
    """Make a `RunError` of whatever a runtime raises.

    Args:
        what: the runtime and what it was doing.

    Raises:
        RunError: in place of it.
    """
    try:
        yield
    except (PolyclinicError, MemoryError):
        raise
    except Exception as error:
        raise RunError(f"{what} failed: {reason(error)}", hint=HINT) from error


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
