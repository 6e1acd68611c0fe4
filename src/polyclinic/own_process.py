"""Values that belong to one process: made anew in a forked child, and where they are unpickled.

Threads don't survive a fork. A runtime whose threads are gone waits for them for ever, when it is
asked to compute and when it is destroyed; a lock that another thread held stays held. So a child
makes its own, and never lets go of what it came with.

A thread that has ended for Python gives back what it held in OpenCV and MKL a moment later, and
locks both for that. A fork in that moment leaves them locked, so it waits until none is at work.
"""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar
from weakref import WeakSet

T = TypeVar("T")

PATIENCE_S = 0.25
"""So long a fork waits at most for threads that are at work."""
_PAUSE_S = 0.001
_THREADS = Path("/proc/self/task")


class OwnOfProcess(Generic[T]):
    """A value that each process makes for itself, when it first asks for it.

    Args:
        make: makes the value; pickled in its place.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: tuple[int, T] | None = None
        _KNOWN.add(self)

    def __call__(self) -> T:
        """The value of this process."""
        made = self._made
        if made is None or made[0] != os.getpid():
            with _TURN.lock:
                made = self._made
                if made is None or made[0] != os.getpid():
                    self._made = made = (os.getpid(), self._make())
        return made[1]

    def __reduce__(self) -> tuple[type[OwnOfProcess[T]], tuple[Callable[[], T]]]:
        return type(self), (self._make,)

    def leave(self) -> None:
        """Keep what was made, for good: in a child, what serves it is not there."""
        if self._made is not None:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._made))


class _Turn:
    """Makes values one after the other, and none while the process forks."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.forked = False

    def begin(self) -> None:
        wait_for_other_threads()
        self.lock.acquire()

    def end(self) -> None:
        self.lock.release()

    def renew(self) -> None:
        """In the child."""
        self.lock, self.forked = threading.RLock(), True
        for one in list(_KNOWN):
            one.leave()


_KNOWN: WeakSet[OwnOfProcess[Any]] = WeakSet()
_TURN = _Turn()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_TURN.begin, after_in_parent=_TURN.end, after_in_child=_TURN.renew)


def wait_for_other_threads() -> None:
    """Wait until no other thread of this process is at work, for `PATIENCE_S` at most.

    Only where the system tells what threads do, which is Linux.
    """
    until = time.monotonic() + PATIENCE_S
    while _others_work() and time.monotonic() < until:
        time.sleep(_PAUSE_S)


def _others_work() -> bool:
    mine = str(threading.get_native_id())
    try:
        return any(_works(one) for one in _THREADS.iterdir() if one.name != mine)
    except OSError:
        return False


def _works(thread: Path) -> bool:
    """Whether it runs, could, or waits for a page; its name, in brackets, may hold brackets."""
    try:
        state = (thread / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]
        return state in "RD"
    except (OSError, IndexError):  # it has ended
        return False


def is_forked() -> bool:
    """Whether this process came by a fork after this module was imported."""
    return _TURN.forked
