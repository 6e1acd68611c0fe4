"""Averages of what happened since the last log line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping


class Tally:
    """Sums and counts by name; a name that a step lacks does not pull its average down.

    Args:
        saved: what `to_json` gave, to go on from.
    """

    def __init__(self, saved: Mapping[str, tuple[float, int]] | None = None) -> None:
        self._sums: defaultdict[str, float] = defaultdict(float)
        self._counts: defaultdict[str, int] = defaultdict(int)
        for name, (total, number) in (saved or {}).items():
            self._sums[name], self._counts[name] = total, number

    def add(self, values: Mapping[str, float]) -> None:
        """Count one step."""
        for name, value in values.items():
            self._sums[name] += value
            self._counts[name] += 1

    def means(self) -> dict[str, float]:
        """Average of each name."""
        return {name: total / self._counts[name] for name, total in self._sums.items()}

    def to_json(self) -> dict[str, tuple[float, int]]:
        """Sums and counts, for a checkpoint."""
        return {name: (total, self._counts[name]) for name, total in self._sums.items()}
