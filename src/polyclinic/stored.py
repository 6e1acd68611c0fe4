"""Small files that a run holds: JSON and YAML objects, and what is said of damaged ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from polyclinic.errors import PolyclinicError, RunError
from polyclinic.settings_text import load_settings

AGAIN = "copy the file again from where the run was made, or train the run again"

_WRONG = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError)
"""What Python says of values that are missing or of another kind."""


def read_json_object(path: Path) -> dict[str, Any]:
    """The object in a JSON file of a run.

    Raises:
        RunError: the file is missing, can't be read, is no JSON or holds something else.
    """
    return _read(path, json.loads, "JSON")


def read_yaml_object(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file of a run.

    Raises:
        RunError: the file is missing, can't be read, is no YAML or holds something else.
    """
    return _read(path, load_settings, "YAML")


@contextmanager
def values_of(path: Path, hint: str = AGAIN) -> Iterator[None]:
    """Take values of a stored object in the block; what is missing or wrong is said of the file.

    Args:
        path: of the file.
        hint: what to do.

    Raises:
        RunError: a key is missing, or a value is of another kind.
    """
    try:
        yield
    except PolyclinicError as error:
        if isinstance(error, RunError) and error.where is not None:
            raise
        where = ", ".join(filter(None, (str(path), error.where)))
        raise RunError(
            error.what, expected=error.expected, where=where, hint=error.hint or hint
        ) from None
    except KeyError as error:
        raise RunError(
            f"is damaged: it lacks the key {error}", where=str(path), hint=hint
        ) from None
    except _WRONG as error:
        raise RunError(f"is damaged: {error}", where=str(path), hint=hint) from None


def _read(path: Path, parse: Callable[[str], Any], kind: str) -> dict[str, Any]:
    try:
        found = parse(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise RunError("is missing", where=str(path), hint=AGAIN) from None
    except OSError as error:
        raise RunError(
            f"can't be read ({error.strerror})",
            expected=f"a {kind} file",
            where=str(path),
            hint="see to its permissions and its disk",
        ) from None
    except (ValueError, RecursionError) as error:
        said = "no text in UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        raise RunError(f"is damaged: no {kind} ({said})", where=str(path), hint=AGAIN) from None
    if not isinstance(found, dict):
        what = "empty" if found is None else f"a {type(found).__name__}"
        raise RunError(
            f"is damaged: {what}", expected="key: value pairs", where=str(path), hint=AGAIN
        )
    return found
