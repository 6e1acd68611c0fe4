"""Open a COCO file and name its rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from polyclinic.errors import DataError

Row = dict[str, Any]


def read_json(path: Path, hook: Callable[[Row], Row] | None = None) -> Any:
    """Parse a JSON file.

    Args:
        path: of the file.
        hook: called with each object as soon as it is parsed; its result takes the place.

    Raises:
        DataError: there is no such file, it is no JSON, an object has a key twice, or a number
            has hundreds of digits.
    """

    def parsed(pairs: list[tuple[str, Any]]) -> Row:
        row = dict(pairs)
        if len(row) != len(pairs):
            raise _twice(pairs, path)
        return row if hook is None else hook(row)

    try:
        text = path.read_text(encoding="utf-8-sig")
        return json.loads(text, object_pairs_hook=parsed, parse_int=whole_number)
    except OSError as error:
        raise DataError(f"can't be opened ({error.strerror})", where=str(path)) from None
    except UnicodeDecodeError:
        raise DataError("is no text", expected="JSON in UTF-8", where=str(path)) from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise DataError(
            f"is no JSON ({error.msg} at {place})", expected="a COCO file", where=str(path)
        ) from None
    except ValueError as error:
        raise DataError(
            f"holds a number that is too long ({error})", expected="a COCO file", where=str(path)
        ) from None
    except RecursionError:
        raise DataError("is nested too deeply", expected="a COCO file", where=str(path)) from None


def whole_number(digits: str) -> int:
    """A whole number as it stands in JSON, if it is one that can be computed with.

    Raises:
        ValueError: it has more digits than any number of 64 bits in floating point.
    """
    value = int(digits)
    try:
        float(value)
    except OverflowError:
        raise ValueError(f"of {len(digits)} digits") from None
    return value


def _twice(pairs: list[tuple[str, Any]], path: Path) -> DataError:
    """A parser keeps the last of two values of a key; which was meant nobody can tell."""
    keys = [key for key, _ in pairs]
    twice = next(key for key in keys if keys.count(key) > 1)
    return DataError(
        f"an object has the key {twice!r} twice",
        expected="each key once",
        where=str(path),
        hint="remove the one that is not meant",
    )


def is_coco(document: object) -> bool:
    """Whether a parsed JSON file looks like a COCO data set."""
    return isinstance(document, dict) and isinstance(document.get("images"), list)


def rows(document: Row, key: str) -> list[Row]:
    """The rows under `images`, `annotations` or `categories`; none where the key is missing."""
    found: list[Row] = document.get(key) or []
    return found


def named_row(kind: str, row: Row, index: int) -> str:
    """How messages name a row."""
    return f"{kind} {row.get('id')} (row {index})"
