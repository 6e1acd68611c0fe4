"""Named lines that bound parts of an object: `outlines` {name: [[x, y], ...]}."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.coco.faults.numbers import are_finite, are_numbers
from polyclinic.data.findings import Finding, Place

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
