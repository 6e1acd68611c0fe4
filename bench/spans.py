"""Exclusive time of the named parts of a run: what a part hands on to another counts there."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import wraps
from itertools import cycle
from typing import Any


class Spans:
    """Seconds, and CPU seconds of all threads, by part; the parts add up to the whole."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.cpu_seconds: defaultdict[str, float] = defaultdict(float)
        self._running: list[str] = []
        self._since = (0.0, 0.0)

    def timed(self, function: Callable[..., Any], part: str) -> Callable[..., Any]:
        """The function, with its calls booked as a part."""
        return self.timed_in_turn(function, [part])

    def timed_in_turn(
        self, function: Callable[..., Any], parts: Sequence[str]
    ) -> Callable[..., Any]:
        """The function, with its calls booked as one part after the other, then the first again."""
        turns = cycle(parts)

        @wraps(function)
        def call(*args: Any, **named: Any) -> Any:
            self._book()
            self._running.append(next(turns))
            try:
                return function(*args, **named)
            finally:
                self._book()
                self._running.pop()

        return call

    def _book(self) -> None:
        """Add what passed since the last call to the part that was running."""
        now = (time.perf_counter(), time.process_time())
        if self._running:
            part = self._running[-1]
            self.seconds[part] += now[0] - self._since[0]
            self.cpu_seconds[part] += now[1] - self._since[1]
        self._since = now
