"""Say how training goes: a bar in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

SECONDS_BETWEEN_LINES = 30.0


class Report(Protocol):
    """Told of every step."""

    def __call__(self, *, step: int, share: float, left: float, loss: float, speed: float) -> None:
        """Take note.

        Args:
            step: steps done.
            share: of the training, 0 to 1.
            left: seconds to the end, estimated.
            loss: of the last step.
            speed: images a second.
        """


@contextmanager
def reporting(console: Console) -> Iterator[Report]:
    """A bar where the console is a terminal, else a plain line every half minute."""
    if not console.is_terminal:
        yield _Lines(console)
        return
    columns = (
        TextColumn("training"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("", total=1.0)

        def report(*, step: int, share: float, left: float, loss: float, speed: float) -> None:
            progress.update(bar, completed=share, description=_words(step, left, loss, speed))

        yield report


class _Lines:
    def __init__(self, console: Console) -> None:
        self.console = console
        self.last = time.monotonic()

    def __call__(self, *, step: int, share: float, left: float, loss: float, speed: float) -> None:
        now = time.monotonic()
        if now - self.last >= SECONDS_BETWEEN_LINES or share >= 1:
            self.last = now
            self.console.print(f"training {share:4.0%} {_words(step, left, loss, speed)}")


def _words(step: int, left: float, loss: float, speed: float) -> str:
    remaining = timedelta(seconds=round(left))
    return f"step {step}, loss {loss:.3f}, {speed:.1f} images/s, {remaining} left"
