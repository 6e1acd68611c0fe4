"""Named values and named lines of a COCO row: `labels` and `outlines`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.coco.faults.numbers import are_finite, are_numbers
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


KEY = "outlines"


def read_outlines(row: Mapping[str, Any]) -> dict[str, NDArray[np.float64]]:
    """(N, 2) x, y by name, in pixels as landmarks are; without lines that can't be used."""
    lines = row.get(KEY)
    if not isinstance(lines, dict):
        return {}
    return {name: np.array(line, float) for name, line in lines.items() if _is_line(line)}


def outline_findings(row: Mapping[str, Any], place: Place) -> list[Finding]:
    """What a row says of outlines in a form that can't be used."""
    lines = row.get(KEY)
    expected = "{name: [[x, y], ...]} with two points or more"
    if not isinstance(lines, dict | None):
        return [place.error(f"{KEY} is {lines!r}", expected)]
    return [
        place.error(f"outline {name!r} is no line", expected)
        for name, line in (lines or {}).items()
        if not _is_line(line)
    ]


def _is_line(line: object) -> bool:
    return (
        isinstance(line, list)
        and len(line) >= 2
        and all(are_numbers(point) and len(point) == 2 and are_finite(point) for point in line)
    )
