"""Headers that were read before, as long as their files stay as they were.

A folder is listed, a film opened, described and asked for its pages: each wants the header.
"""

from __future__ import annotations

import time
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from polyclinic.own_process import OwnOfProcess

State = tuple[int, ...]
Said = TypeVar("Said")

_SETTLED_NS = 2_000_000_000
"""A file changed within this time may change again without another time stamp: it is not kept."""


def state_of(path: str | Path) -> State | None:
    """What tells one state of a file from another; None where nothing does."""
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return None
    changed = found.st_mtime_ns, found.st_ctime_ns
    if time.time_ns() - max(changed) < _SETTLED_NS:
        return None
    return found.st_dev, found.st_ino, found.st_size, *changed


class Known(Generic[Said]):
    """What was said of files, by their state; for several threads.

    Args:
        most: the oldest go beyond as many.
    """

    def __init__(self, most: int) -> None:
        self._most, self._said, self._lock = most, dict[State, Said](), OwnOfProcess(Lock)

    def get(self, state: State | None) -> Said | None:
        """What was said of a file in this state."""
        return None if state is None else self._said.get(state)

    def keep(self, state: State | None, said: Said) -> None:
        """Remember what a file says that had this state before it was read."""
        if state is None:
            return
        with self._lock():
            self._said[state] = said
            if len(self._said) > self._most:
                del self._said[next(iter(self._said))]
