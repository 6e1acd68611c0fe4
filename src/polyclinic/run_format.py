"""Format of run directories: its number, and migrations from each format to the next.

Settings are stored whole, with the number of the format they were written in, and so is the
description of the weights. What an older version of polyclinic wrote goes through all migrations
since; so a run keeps meaning what it meant, whatever is renamed, added or has another default
today. A changed default needs no migration: what was in force is stored. A new key does, with the
value that says what was done before there was a key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from polyclinic.errors import RunError
from polyclinic.stored import read_yaml_object

KEY = "format"
Document = dict[str, Any]
Change = Callable[[Document], None]
"""Changes a nested mapping in place."""


@dataclass(frozen=True, kw_only=True)
class Migration:
    """From one format to the next.

    Args:
        settings: changes of `config.yaml`, in order.
        model: changes of what is said beside the weights, `model.json`.
    """

    settings: Sequence[Change] = ()
    model: Sequence[Change] = ()


def renamed(old: str, new: str) -> Change:
    """A dotted key has another name, or stands elsewhere; settings without it stay as they are."""

    def change(document: Document) -> None:
        holder = _holder(document, old)
        name = old.rpartition(".")[2]
        if holder is None or name not in holder:
            return
        value = holder.pop(name)
        *parts, last = new.split(".")
        for part in parts:
            document = document.setdefault(part, {})
        document[last] = value

    return change


def added(key: str, value: Any) -> Change:
    """A dotted key is new; `value` says what was done before. Left out where its group is not."""

    def change(document: Document) -> None:
        holder = _holder(document, key)
        if holder is not None:
            holder.setdefault(key.rpartition(".")[2], value)

    return change


def removed(key: str) -> Change:
    """A dotted key is no more."""

    def change(document: Document) -> None:
        holder = _holder(document, key)
        if holder is not None:
            holder.pop(key.rpartition(".")[2], None)

    return change


MIGRATIONS: list[Migration] = [
    Migration(),  # 0 to 1: runs got a number, nothing else
]
"""In place N what leads from format N to N + 1; only ever appended to."""


def newest() -> int:
    """The format that is written."""
    return len(MIGRATIONS)


def read_settings(file: Path) -> Document:
    """The settings of a run, as the newest format has them, without the number.

    Raises:
        RunError: the file is damaged, or of a newer format.
    """
    values = read_yaml_object(file)
    return _migrated(values, [one.settings for one in MIGRATIONS], str(file))


def migrated_settings(values: Mapping[str, Any], where: str) -> Document:
    """Settings that carry a number, as the newest format has them; others as they are.

    Raises:
        RunError: they are of a newer format.
    """
    if KEY not in values:
        return dict(values)
    return _migrated(values, [one.settings for one in MIGRATIONS], where)


def migrated_model(description: Mapping[str, Any], where: str) -> Document:
    """What is said beside weights, as the newest format has it, without the number.

    Raises:
        RunError: it is of a newer format.
    """
    return _migrated(description, [one.model for one in MIGRATIONS], where)


def refuse_newer(run: Path) -> None:
    """Make sure that other files of a run can be understood.

    Raises:
        RunError: the run is of a newer format.
    """
    file = run / "config.yaml"
    if file.is_file():
        _number(read_yaml_object(file), str(file))


def _migrated(values: Mapping[str, Any], steps: list[Sequence[Change]], where: str) -> Document:
    document = _copied(values)
    number = _number(document, where)
    document.pop(KEY, None)
    for changes in steps[number:]:
        for change in changes:
            change(document)
    return document


def _number(values: Mapping[str, Any], where: str) -> int:
    number = values.get(KEY, 0)
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise RunError(
            f"has the format {number!r}", expected=f"a number up to {newest()}", where=where
        )
    if number > newest():
        raise RunError(
            f"is of format {number}, made by a newer polyclinic",
            expected=f"format {newest()} or older, which this version knows",
            where=where,
            hint="use the version that made it, or a newer one",
        )
    return number


def _copied(values: Any) -> Any:
    if isinstance(values, Mapping):
        return {key: _copied(value) for key, value in values.items()}
    return [_copied(one) for one in values] if isinstance(values, list) else values


def _holder(document: Document, key: str) -> Document | None:
    """The mapping in which the last part of a dotted key stands, where there is one."""
    found: Any = document
    for part in key.split(".")[:-1]:
        found = found.get(part) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else None
