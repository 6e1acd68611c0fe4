"""What a file of readings says of a whole image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from polyclinic.reading import Measurement, Reading
from polyclinic.reading.reading import OF_IMAGE
from polyclinic.runtime.stored.rows import Place, Row, made, number, numbers, text, texts
from polyclinic.sample import Spacing, SpacingOrigin

_ORIGINS = get_args(SpacingOrigin)


def image_values(row: Row, place: Place) -> dict[str, Any]:
    """Fields of a `Reading` that stand in its image row.

    Raises:
        DataError: one of them can't be used.
    """
    return {
        **_identity(row, place),
        "spacing": _spacing(row, place),
        "findings": {
            task: _numbers_by_name(values, f"findings of {task}", place)
            for task, values in _table(row.get("findings"), "findings", place).items()
        },
        "quality": _numbers_by_name(row.get("quality"), "quality", place),
        "measurements": tuple(_measurements(row, place)),
        "flags": texts(row, "flags", place),
    }


def of_image(row: Row, place: Place) -> dict[str, Any]:
    """What a provenance says of this image alone.

    Raises:
        DataError: it is no table.
    """
    said = _table(row.get("provenance"), "provenance", place)
    return {OF_IMAGE: dict(said)} if said else {}


def error_reading(row: Row, place: Place) -> Reading:
    """The reading of an image that could not be read."""
    sides = (row.get("height"), row.get("width"))
    size = sides if all(type(side) is int for side in sides) else (0, 0)
    return made(place, Reading, **_identity(row, place), size=size, error=str(row["error"]))


def _identity(row: Row, place: Place) -> dict[str, Any]:
    return {
        "image_id": row["id"],
        "file": row["file_name"],
        "patient_id": text(row, "patient_id", place),
    }


def _spacing(row: Row, place: Place) -> Spacing:
    values = numbers(row, "spacing_mm", place, 2)
    if values is None:
        return Spacing.unknown()
    origin = row.get("spacing_source") or "assumed"
    return made(place, Spacing, row_mm=float(values[0]), column_mm=float(values[1]), origin=origin)


def _measurements(row: Row, place: Place) -> list[Measurement]:
    found = row.get("measurements")
    if found is None:
        return []
    if not isinstance(found, list) or not {dict}.issuperset(map(type, found)):
        place.refuse("measurements", found, "a list of measurements")
    return [
        _measurement(one, Place(place.file, f"{place.row}, measurement {index}"))
        for index, one in enumerate(found)
    ]


def _measurement(row: Row, place: Place) -> Measurement:
    name, unit, instance = row.get("name"), row.get("unit"), row.get("instance")
    for key, value in (("name", name), ("unit", unit)):
        if not isinstance(value, str):
            place.refuse(key, value, "a text")
    if instance is not None and type(instance) is not int:
        place.refuse("instance", instance, "the row of an instance")
    origin = row.get("scale_source", "unknown")
    if origin not in _ORIGINS:
        place.refuse("scale_source", origin, f"one of {', '.join(_ORIGINS)}")
    return made(
        place,
        Measurement,
        name=name,
        value=number(row, "value", place),
        unit=unit,
        lower=number(row, "lower", place),
        upper=number(row, "upper", place),
        formula=text(row, "formula", place) or "",
        source=text(row, "source", place) or "",
        scale_source=origin,
        instance=instance,
        flags=texts(row, "flags", place),
    )


def _numbers_by_name(values: object, key: str, place: Place) -> dict[str, float]:
    table = _table(values, key, place)
    found = {name: number(table, name, place) for name in table}
    return {name: value for name, value in found.items() if value is not None}


def _table(values: object, key: str, place: Place) -> Mapping[str, Any]:
    if values is not None and not isinstance(values, dict):
        place.refuse(key, values, "values by name")
    return values or {}
