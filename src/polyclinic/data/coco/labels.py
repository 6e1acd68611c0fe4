"""Values of named labels, of a whole image or of one object: `labels` {name: value}."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from polyclinic.data.findings import Finding, Place

_SCALAR = str | int | float


def read_labels(row: Mapping[str, Any]) -> dict[str, Any]:
    """The labels that have a value."""
    labels = row.get("labels")
    if not isinstance(labels, dict):
        return {}
    return {name: value for name, value in labels.items() if isinstance(value, _SCALAR)}


def label_findings(row: Mapping[str, Any], place: Place) -> list[Finding]:
    """What a row says of labels in a form that can't be used."""
    labels = row.get("labels")
    if not isinstance(labels, dict | None):
        return [place.error(f"labels is {labels!r}", "{name: value}")]
    return [
        place.error(f"label {name!r} is {value!r}", "a number or a text")
        for name, value in (labels or {}).items()
        if not isinstance(value, _SCALAR | None)
    ]
