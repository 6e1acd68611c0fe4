"""Ctrl-C and SIGTERM: the command says what it leaves behind."""

from __future__ import annotations

import json
import os
import shlex
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from types import FrameType
from typing import Any

NOTHING = "nothing of it is kept: the same command begins anew"


class StoppedError(Exception):
    """A command was interrupted; typer would make an exit code of a KeyboardInterrupt, wordlessly.

    Its cause is the KeyboardInterrupt.
    """


def interruptible(verb: Callable[..., None]) -> Callable[..., None]:
    """The verb, which raises `StoppedError` when it is interrupted."""

    @wraps(verb)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            verb(*arguments, **options)
        except KeyboardInterrupt as stop:
            raise StoppedError from stop

    return run


@contextmanager
def leaving(kept: Callable[[], str]) -> Iterator[None]:
    """Attach to whatever stops the block from outside a sentence on what it leaves behind.

    Args:
        kept: called only then; gives the sentence.
    """
    try:
        yield
    except (KeyboardInterrupt, OSError, MemoryError) as stop:
        stop.add_note(kept())
        raise


def left_behind(error: BaseException | None) -> list[str]:
    """The sentences that `leaving` attached to an exception, or to what led to it."""
    found: list[str] = []
    while error is not None:
        found += [one for one in getattr(error, "__notes__", ()) if one not in found]
        error = error.__cause__ or error.__context__
    return found


@contextmanager
def terminating() -> Iterator[None]:
    """Let SIGTERM stop the block as Ctrl-C does; processes that it starts are stopped as ever."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    owner = os.getpid()

    def stop(number: int, _: FrameType | None) -> None:
        if os.getpid() == owner:
            raise KeyboardInterrupt
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def kept_training(out: Path, command: Sequence[str]) -> str:
    """What is kept of a training, and the command that goes on with it.

    Args:
        out: run directory, that of several stages or that of a cross-validation.
        command: words of the command, without `--resume`.
    """
    steps = {file.parent: _step(file) for file in sorted(out.rglob("state.json"))}
    said = ", ".join(
        f"{step:,} steps" + ("" if place == out else f" of {place.relative_to(out)}")
        for place, step in steps.items()
        if step is not None
    )
    if said:
        again = "" if "--resume" in command else " --resume"
        return f"kept: {said}; go on with: {shlex.join(command)}{again}"
    if (out / "config.yaml").is_file():
        again = "" if "--resume" in command else " --resume"
        return (
            "no step is kept, as no checkpoint was due yet (train.checkpoint_every); begin anew "
            f"in the folder with: {shlex.join(command)}{again}"
        )
    return NOTHING


def _step(file: Path) -> int | None:
    try:
        step = json.loads(file.read_text("utf-8"))["step"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return step if isinstance(step, int) else None


class Counted:
    """Passes on how far a read is, and remembers it.

    Args:
        told: called with (done, in all).
    """

    def __init__(self, told: Callable[[int, int], None]) -> None:
        self.told, self.done, self.total = told, 0, 0

    def __call__(self, done: int, total: int) -> None:
        """Take in how many are done, in all."""
        self.done, self.total = done, total
        self.told(done, total)

    def kept(self) -> str:
        """What is kept of the read."""
        if not self.done:
            return "no image was finished: the same command begins anew"
        return (
            f"kept: {self.done:,} of {self.total:,} images; the same command goes on with the "
            "others"
        )
