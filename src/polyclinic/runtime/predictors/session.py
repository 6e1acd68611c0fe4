"""A graph that can be run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from numpy.typing import NDArray

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
