"""What the command line says, and its exit code, when something fails."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from polyclinic import __version__
from polyclinic.errors import ConfigError, DataError, PolyclinicError, RunError
from polyclinic.extras import missing_extra

DEBUG = "POLYCLINIC_DEBUG"
"""Environment variable that asks for tracebacks."""

_HINTS = {
    errno.ENOSPC: "make room on the disk, or name a folder on another one",
    errno.EDQUOT: "make room within your quota, or name a folder on another disk",
    errno.EACCES: "change its permissions, or name a place that you may use",
    errno.EPERM: "change its permissions, or name a place that you may use",
    errno.EROFS: "name a place that can be written to",
    errno.EISDIR: "name a file",
    errno.ENOTDIR: "a part of the path is a file: name a folder in its place",
    errno.EEXIST: "something else has this name: move it away, or name another place",
    errno.ENOTEMPTY: "empty the folder, or name another one",
    errno.ENOENT: "check the path",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ELOOP: "its symbolic links lead round in a circle: mend them",
    errno.EMFILE: "raise the limit of open files with ulimit -n",
    errno.ENFILE: "close other programs: the machine has too many files open",
    errno.ENOMEM: "close other programs, or give the command less to do at a time",
    errno.EIO: "the disk, or the way to it, may be failing: try another one",
    errno.ESTALE: "the network disk went away: connect it again",
    errno.ENOTCONN: "the network disk went away: connect it again",
}
_LESS = (
    "close other programs, or do less at a time: a smaller train.batch_size for fit, a smaller "
    "--batch-size or fewer --workers for read"
)


@dataclass(frozen=True)
class Failure:
    """What is said of an exception.

    Args:
        message: sentences, without a traceback.
        code: exit code of the command.
    """

    message: str
    code: int


def failure_of(error: Exception, arguments: Sequence[str]) -> Failure:
    """What to say of an exception that ended a command.

    Args:
        error: any.
        arguments: of the command line; they tell whether a file is of the data or of a run.
    """
    if isinstance(error, PolyclinicError):
        return Failure(str(error), error.exit_code)
    if isinstance(error, typer.TyperException):
        tail = f"try: polyclinic {_verb(arguments)}--help"
        return Failure(f"{error.format_message()}\n{tail}", error.exit_code)
    if isinstance(error, OSError):
        return Failure(_sentence(error), _code(error, arguments))
    if isinstance(error, sqlite3.OperationalError):
        hint = "make room on the disk and see that the folder can be written to"
        return Failure(f"an intermediate file can't be used: {error}; {hint}", 1)
    lacking = missing_extra(error)
    if lacking is not None:
        return Failure(lacking, ConfigError.exit_code)
    if _is_of_memory(error):
        return Failure(f"the memory does not suffice; {_LESS}", 1)
    return Failure(_unexpected(error), 1)


def _sentence(error: OSError) -> str:
    files = [os.fsdecode(one) for one in (error.filename, error.filename2) if _is_path(one)]
    place = f"{' and '.join(files)}: " if files else ""
    reason = error.strerror or str(error) or type(error).__name__
    hint = _HINTS.get(error.errno or 0)
    return f"{place}{reason[:1].lower()}{reason[1:]}" + (f"; {hint}" if hint else "")


def _is_path(name: object) -> bool:
    return isinstance(name, str | bytes) and bool(name)


def _code(error: OSError, arguments: Sequence[str]) -> int:
    """That of data or of a run where the file is of what the command was given, else 1."""
    if not _is_path(error.filename):
        return 1
    failed = Path(os.path.abspath(os.fsdecode(error.filename)))  # noqa: PTH100  links stay
    codes = {
        code
        for given, code in _given(arguments)
        if (place := Path(os.path.abspath(given))) == failed or place in failed.parents  # noqa: PTH100
    }
    if len(codes) == 1:
        return codes.pop()
    return 1


def _given(arguments: Sequence[str]) -> list[tuple[str, int]]:
    """Paths that a command was given, each with the exit code of what it is."""
    run, data = RunError.exit_code, DataError.exit_code
    verb, *others = arguments or [""]
    found, places, before = [], 0, ""
    for one in others:
        option, equals, value = one.partition("=")
        if option in ("--data", "--out") and equals:
            found.append((value, data if option == "--data" else run))
        elif before in ("--data", "--out"):
            found.append((one, data if before == "--data" else run))
        elif not one.startswith("-") and not before.startswith("-"):
            found.append((one, data if verb == "check" or (verb == "read" and places) else run))
            places += 1
        before = "" if before.startswith("-") else one
    return found


def _is_of_memory(error: Exception) -> bool:
    said = str(error).lower()
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError)
        and ("out of memory" in said or "can't allocate memory" in said)
    )


def _unexpected(error: Exception) -> str:
    said = " ".join(str(error).split())
    shown = said if len(said) <= 200 else f"{said[:200]} ..."
    return (
        f"polyclinic {__version__} failed with something that it does not expect: "
        f"{type(error).__name__}{f': {shown}' if shown else ''}; please report it with the "
        f"command, and with the traceback that {DEBUG}=1 before the command shows"
    )


def _verb(arguments: Sequence[str]) -> str:
    from polyclinic.cli.app import VERBS

    return f"{arguments[0]} " if arguments and arguments[0] in VERBS else ""
