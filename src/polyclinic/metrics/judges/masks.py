"""The figures by which masks are judged."""

from __future__ import annotations

from collections.abc import Sequence

from polyclinic.metrics.case import Case
from polyclinic.metrics.figure import Figure


def figures(cases: Sequence[Case], accept: float) -> list[Figure]:
    """Overlap of all masks together."""
    return []
