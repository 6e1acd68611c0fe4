"""What `reader.json` says of a reader, and the way back, for every kind of reader."""

from __future__ import annotations

from typing import Any

from polyclinic.errors import RunError
from polyclinic.runtime.calibration import Calibration
from polyclinic.runtime.reads import BaseReader, Keep, OpenNetwork, Values
from polyclinic.trusted import import_stored

BUILT_IN = {
    "network": "polyclinic.runtime.reader:Reader",
    "ensemble": "polyclinic.runtime.ensemble:Ensemble",
    "films": "polyclinic.systems.knee.reader:FilmReader",
}
"""Kinds that have a name; any other kind is stored as `module:Class`, as recipes are named."""


def describe(reader: BaseReader, keep: Keep, prefix: str = "") -> dict[str, Any]:
    """A reader as plain values; its networks are handed to `keep`.

    Raises:
        RunError: it is of a kind that can't be exported.
    """
    calibration = reader.calibration
    return {
        "kind": _kind(type(reader)),
        **reader.describe(keep, prefix),
        "calibration": None if calibration is None else calibration.to_json(),
    }


def make(values: Values, open_network: OpenNetwork) -> BaseReader:
    """The way back of `describe`.

    Raises:
        RunError: a part is missing, its kind is not known here, or of code that nobody trusts.
    """
    kind = _find(values.get("kind"))
    try:
        reader = kind.made(values, open_network)
        calibration = values["calibration"]
    except KeyError as error:
        raise RunError(f"reader.json lacks {error}", hint="export again") from None
    reader.calibration = None if calibration is None else Calibration.from_json(calibration)
    return reader


def _kind(reader: type[BaseReader]) -> str:
    place = f"{reader.__module__}:{reader.__qualname__}"
    return next((name for name, known in BUILT_IN.items() if known == place), place)


def _find(kind: object) -> type[BaseReader]:
    module, colon, name = BUILT_IN.get(str(kind), str(kind)).partition(":")
    try:
        found = getattr(import_stored(module), name, None) if colon else None
    except ImportError:
        found = None
    if not (isinstance(found, type) and issubclass(found, BaseReader)):
        raise RunError(
            f"reader.json tells of a {kind!r}",
            expected=f"one of {', '.join(BUILT_IN)}, or a reader of an installed package",
            hint="read it with the version of polyclinic that exported it, and with what it needs",
        )
    return found
