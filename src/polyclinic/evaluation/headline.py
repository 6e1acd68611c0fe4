"""Which figures matter most."""

from __future__ import annotations

from collections.abc import Sequence

from polyclinic.metrics.figure import Figure

MEASUREMENTS = "measurements"
MOST_ERRORS = 2


def headline_names(wanted: Sequence[str], figures: Sequence[Figure]) -> list[str]:
    """Those that a recipe names and that there are, else the first of each kind of annotation.

    What is measured is what a clinician looks at: where the recipe names no figure of it, the
    errors of the first two quantities come last.

    Args:
        wanted: what the recipe names; empty for stored readings.
        figures: what there is.
    """
    named = {figure.name: figure for figure in figures}
    if not wanted:
        return [figure.name for figure in {f.group: f for f in reversed(figures)}.values()][::-1]
    found = [name for name in wanted if name in named]
    if any(named[name].group == MEASUREMENTS for name in found):
        return found
    errors = [f.name for f in figures if f.group == MEASUREMENTS and f.name.endswith("_mae")]
    return found + errors[:MOST_ERRORS]
