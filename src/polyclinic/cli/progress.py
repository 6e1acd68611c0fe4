"""Progress bars with the time that is left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from polyclinic.console import ProgressCallback

LINE_EVERY_S = 30.0


@contextmanager
def progress_bar(console: Console, title: str) -> Iterator[ProgressCallback]:
    """Show a bar while the block runs; the block calls what it is given with (done, in all).

    Where the output is no terminal, one line is printed when the block ends.
    """
    bar = Progress(*_columns(), console=console)
    with bar:
        row = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(row, completed=done, total=total)


@contextmanager
def image_bar(console: Console, title: str) -> Iterator[ProgressCallback]:
    """The same with images a second; the first call says how many were done before.

    Where the output is no terminal, a line is printed every half minute.
    """
    if not console.is_terminal:
        yield ImageLines(console)
        return
    bar = Progress(*_columns(), _Rate(), console=console)
    with bar:
        row = bar.add_task(title, total=None)
        yield (
            lambda done, total: (
                bar.update(row, completed=done)
                if bar.tasks[0].total
                else bar.reset(row, completed=done, total=total)
            )
        )


class ImageLines:
    """Says now and then how far a read is.

    Args:
        console: where.
        clock: seconds.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console, self._clock = console, clock
        self._begun: tuple[float, int] | None = None
        self._last = clock()

    def __call__(self, done: int, total: int) -> None:
        """Take in how many are done, in all."""
        now = self._clock()
        start, before = self._begun = self._begun or (now, done)
        if now - self._last < LINE_EVERY_S or done == before:
            return
        self._last = now
        rate = (done - before) / (now - start)
        minutes = (total - done) / rate / 60
        self._console.print(
            f"{done:,} of {total:,} images, {rate:.1f} images/s, {minutes:.0f} min left"
        )


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f} images/s")


def _columns() -> list[ProgressColumn]:
    return [
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        TextColumn("elapsed"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    ]
