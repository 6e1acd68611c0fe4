"""What polyclinic raises when an input, a setting or a machine is not as it must be.

Every message says what was wrong, what was expected, where, and what to do.
The command line prints the message alone and leaves with the class's `exit_code`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class PolyclinicError(Exception):
    """Base of all errors that a user can mend.

    Args:
        what: what was wrong, one sentence without a full stop.
        expected: what would have been right.
        where: file, row, key or option.
        hint: what to do next.
    """

    exit_code = 1

    def __init__(
        self,
        what: str,
        *,
        expected: str | None = None,
        where: str | None = None,
        hint: str | None = None,
    ) -> None:
        parts = [f"{where}: {what}" if where else what]
        if expected:
            parts.append(f"expected {expected}")
        if hint:
            parts.append(hint)
        super().__init__("; ".join(parts))
        self.what, self.expected, self.where, self.hint = what, expected, where, hint

    def __reduce__(self) -> tuple[object, ...]:
        """Keep all four parts when a worker process hands the error over."""
        return (_rebuild, (type(self), self.what, self.expected, self.where, self.hint))


class ConfigError(PolyclinicError):
    """A setting, an option or a name is not known or not possible."""

    exit_code = 2


class DataError(PolyclinicError):
    """A file or an annotation can't be used."""

    exit_code = 3


class ImageError(DataError):
    """An image file can't be read."""


class RunError(PolyclinicError):
    """A run directory is missing, incomplete or of another kind."""

    exit_code = 4


class TrainingError(PolyclinicError):
    """Training can't go on, for example because a loss is not finite."""

    exit_code = 5


def not_finite(task: str) -> ImageError:
    """The error of an image for which a network answers with NaN or infinite numbers."""
    return ImageError(
        f"the network's answer of the task {task} is not finite, so that nothing can be said",
        expected="numbers",
        hint="the weights or the exported file may be damaged: copy them again, or read with "
        "--precision fp32",
    )


def reason(error: BaseException) -> str:
    """What an exception says, in its first line and without advice; its kind where it is mute."""
    if isinstance(error, PolyclinicError):
        return f"{error.where}: {error.what}" if error.where else error.what
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint with the known names closest to a mistyped one."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if close:
        return f"did you mean {' or '.join(repr(c) for c in close)}?"
    return f"known: {', '.join(names)}"


def _rebuild(
    kind: type[PolyclinicError],
    what: str,
    expected: str | None,
    where: str | None,
    hint: str | None,
) -> PolyclinicError:
    return kind(what, expected=expected, where=where, hint=hint)
