"""The command line in another process, with a limit of time, any number of times."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection

SURPRISE = "failed with something that it does not expect"
"""What the command line says of an exception that nobody foresaw; see `polyclinic.cli.failures`."""

CODES = (0, 2, 3, 4, 5, 6)
"""Exit codes that damaged input may lead to, as the README lists them."""


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Args:
        code: exit code; None where there was none.
        said: all that it printed.
        seconds: how long it took.
    """

    code: int | None
    said: str
    seconds: float

    @property
    def fault(self) -> str | None:
        """What is wrong with this end: `hang`, `crash`, `traceback`, `another code` or nothing."""
        if self.code is None:
            return "hang" if self.said == "" else "crash"
        if SURPRISE in self.said or "Traceback (most" in self.said:
            return "traceback"
        return None if self.code in CODES else "another code"


class Worker:
    """A process that runs commands one after the other; a new one after a hang or a crash."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._process: multiprocessing.process.BaseProcess | None = None
        self._end: Connection | None = None

    def run(self, arguments: list[str]) -> Ended:
        """Run one command to its end or to the limit of time."""
        started = time.monotonic()
        if self._process is None or self._end is None:
            context = multiprocessing.get_context("spawn")
            self._end, other = context.Pipe()
            self._process = context.Process(target=_serve, args=(other,), daemon=False)
            self._process.start()
            other.close()
            started += 60  # it imports first
        self._end.send(arguments)
        try:
            if self._end.poll(self._limit_s + max(0.0, started - time.monotonic())):
                code, said = self._end.recv()
                return Ended(code, said, time.monotonic() - started)
            said = ""
        except EOFError:
            self._process.join()
            said = f"the process ended with {self._process.exitcode}"
        self.close()
        return Ended(None, said, time.monotonic() - started)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._process = self._end = None


def _serve(end: Connection) -> None:
    from polyclinic.cli.app import main

    os.environ["COLUMNS"] = "200"
    while True:
        try:
            arguments = end.recv()
        except EOFError:
            return
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            try:
                main(arguments)
                code = 0
            except SystemExit as done:
                code = done.code if isinstance(done.code, int) else 1
            except BaseException as error:  # what the command line let through
                code, _ = 1, printed.write(f"Traceback (most recent call last): {error!r}")
        end.send((code, printed.getvalue()[-4000:]))
