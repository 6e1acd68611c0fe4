"""`log.jsonl`: averages since the last line, one JSON object a line."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from polyclinic.atomic import write_text


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


class Journal:
    """What was logged, step by step.

    Args:
        path: of the file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, record: Mapping[str, Any]) -> None:
        """Add one line; `record` has a `step`."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")

    def read(self) -> list[dict[str, Any]]:
        """All whole lines; a last line cut short by a kill is left out."""
        if not self.path.exists():
            return []
        records = []
        for line in self.path.read_text("utf-8").splitlines():
            try:
                records.append(json.loads(line))
            except json.JSONDecodeError:
                break
        return records

    def forget_after(self, step: int) -> None:
        """Drop the lines of later steps, which a resumed run will write again."""
        kept = [r for r in self.read() if r["step"] <= step]
        write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in kept), self.path)
