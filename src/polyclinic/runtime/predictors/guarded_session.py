"""Runtimes and exporters, with whatever they raise as an error that a user can act on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numpy.typing import NDArray

from polyclinic.errors import PolyclinicError, RunError, reason
from polyclinic.runtime.predictors.session import Arrays, Session

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
