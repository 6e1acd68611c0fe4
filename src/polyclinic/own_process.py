"""Values that belong to one process: made anew in a forked child, and where they are unpickled.

Threads don't survive a fork. A runtime whose threads are gone waits for them for ever, when it is
asked to compute and when it is destroyed; a lock that another thread held stays held. So a child
makes its own, and never lets go of what it came with.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar
from weakref import WeakSet

T = TypeVar("T")


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


def is_forked() -> bool:
    """Whether this process came by a fork after this module was imported."""
    return _TURN.forked
