"""Values of named labels, of a whole image or of one object: `labels` {name: value}."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from polyclinic.data.damage import spreadsheet_error, stands_for_nothing
from polyclinic.data.findings import Finding, Place

_SCALAR = str | int | float


def read_labels(row: Mapping[str, Any]) -> dict[str, Any]:
    """The labels that have a value."""
    labels = row.get("labels")
    if not isinstance(labels, dict):
        return {}
    return {
        name: value
        for name, value in labels.items()
        if isinstance(value, _SCALAR) and not says_nothing(value)
    }


def says_nothing(value: str | int | float) -> bool:
    """Whether a value is what a program wrote because it had none: NaN, `nan`, `#N/A`."""
    if isinstance(value, str):
        return spreadsheet_error(value.strip()) or stands_for_nothing(value.strip())
    return isinstance(value, float) and not math.isfinite(value)


def label_findings(row: Mapping[str, Any], place: Place) -> list[Finding]:
    """What a row says of labels in a form that can't be used."""
    labels = row.get("labels")
    if not isinstance(labels, dict | None):
        return [place.error(f"labels is {labels!r}", "{name: value}")]
    return [
        place.error(
            f"label {name!r} is {value!r}",
            "a number or a text",
            "leave it out if nothing was annotated",
        )
        for name, value in (labels or {}).items()
        if value is not None and (not isinstance(value, _SCALAR) or says_nothing(value))
    ]
