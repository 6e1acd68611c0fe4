"""What a crew asks of whoever hires its workers: a Ray cluster, or this machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from polyclinic.runtime.engines.attempts import Attempt
from polyclinic.runtime.engines.engine import ChunkRead


class Lost(Exception):  # noqa: N818  (a state of the world, not a mistake)
    """The process or the machine is gone before it gave its result."""


class Staff(Protocol):
    """Hires processes that keep a reader, and hands them work.

    Workers and what is awaited of them are whatever the staff makes them; both can be keys.
    """

    where: str
    """The option that asked for it, for messages."""

    def hire(self) -> tuple[Any, Any]:
        """A new worker that opens the reader, and what to wait for until it has."""
        ...

    def give(self, worker: Any, attempt: Attempt) -> Any:
        """Have an idle worker make an attempt; returns what to wait for."""
        ...

    def wait(self, awaited: Sequence[Any], patience_s: float | None) -> Sequence[Any]:
        """What is there of all that is awaited, as soon as anything is; nothing after so long."""
        ...

    def started(self, awaited: Any) -> str:
        """What to tell of a worker that has opened the reader; empty: nothing.

        Raises:
            PolyclinicError: it can't open the reader.
            Lost: it died.
        """
        ...

    def read(self, awaited: Any) -> ChunkRead:
        """What came of an attempt.

        Raises:
            PolyclinicError: the worker raised it.
            Lost: it died.
        """
        ...

    def dismiss(self, worker: Any) -> None:
        """End a worker, whatever it is doing."""
        ...
