"""What is wrong, or worth knowing, about one row of a data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from polyclinic.errors import DataError

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One observation on a data set, with what to do about it.

    Args:
        severity: `error`: the row, or the whole set, can't be used as it is; `warning`: it is
            used, perhaps not as meant; `note`: worth knowing.
        what: what was found, one sentence without a full stop.
        file: the annotation file or image it concerns.
        row: which row, e.g. `annotation 17 (row 3)`.
        expected: what would have been right.
        hint: what to do.
    """

    severity: Severity
    what: str
    file: str
    row: str | None = None
    expected: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        """One line."""
        place = f"{self.file}, {self.row}" if self.row else self.file
        tail = "".join(f"; {part}" for part in (self._expectation, self.hint) if part)
        return f"{self.severity}: {place}: {self.what}{tail}"

    @property
    def _expectation(self) -> str | None:
        return f"expected {self.expected}" if self.expected else None


@dataclass(frozen=True)
class Place:
    """A file and a row of it, to say findings about."""

    file: str
    row: str | None = None

    def error(self, what: str, expected: str | None = None, hint: str | None = None) -> Finding:
        """The row, or the whole set, can't be used."""
        return self._say("error", what, expected, hint)

    def warning(self, what: str, expected: str | None = None, hint: str | None = None) -> Finding:
        """The row is used, perhaps not as meant."""
        return self._say("warning", what, expected, hint)

    def note(self, what: str, expected: str | None = None, hint: str | None = None) -> Finding:
        """Worth knowing."""
        return self._say("note", what, expected, hint)

    def _say(
        self, severity: Severity, what: str, expected: str | None, hint: str | None
    ) -> Finding:
        return Finding(
            severity=severity,
            what=what,
            file=self.file,
            row=self.row,
            expected=expected,
            hint=hint,
        )


def refuse(findings: Sequence[Finding], *, shown: int = 3) -> None:
    """Raise one error that names the first few findings of severity `error`, if there are any.

    Raises:
        DataError: there is at least one error.
    """
    errors = [finding for finding in findings if finding.severity == "error"]
    if not errors:
        return
    first = errors[0]
    named = ", ".join(f"{one.row}: {one.what}" if one.row else one.what for one in errors[:shown])
    more = f" and {len(errors) - shown} more" if len(errors) > shown else ""
    raise DataError(
        named + more,
        expected=first.expected,
        where=first.file,
        hint=first.hint or f"polyclinic check {first.file} lists them all",
    )
