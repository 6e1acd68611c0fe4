"""A stored study as Markdown tables.

python -m bench.evidence.tables docs/results/evidence_knee.json --into docs/evidence.md
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SHOWN = {
    "mean_mm": ("mean, mm", 2, 1),
    "median_mm": ("median, mm", 2, 1),
    "pck_1mm": ("≤ 1 mm, %", 1, 100),
    "pck_1.5mm": ("≤ 1.5 mm, %", 1, 100),
    "pck_2mm": ("≤ 2 mm, %", 1, 100),
    "pck_2.5mm": ("≤ 2.5 mm, %", 1, 100),
    "outliers_10mm": ("knees ≥ 10 mm, %", 1, 100),
}
"""Heading, decimals and factor of each measure."""


def tables(result: Mapping[str, Any]) -> str:
    """All groups, each with its values and its differences."""
    seeds = len(result["seeds"])
    return "\n".join(_group(group, seeds) for group in result["groups"])


def _group(group: Mapping[str, Any], seeds: int) -> str:
    heads = [head for head, _, _ in SHOWN.values()]
    lines = [
        f"### {group['name']}: {group['question']}",
        "",
        f"{group['test_knees']} knees of {group['test_patients']} test patients; mean ± SD of "
        f"{seeds} trainings.",
        "",
        _line("variant", "what it is", *heads, "parameters", "steps", "s"),
        _line("---", "---", *["--:"] * (len(heads) + 3)),
        *(_row(row) for row in group["rows"]),
        "",
        _line(
            "difference",
            "mean, mm (95 % interval)",
            "≤ 1 mm, points",
            "≤ 2 mm, points",
            "knees ≥ 10 mm, points",
        ),
        _line("---", *["--:"] * 4),
        *(_difference(one) for one in group["differences"]),
        "",
    ]
    return "\n".join(lines)


def _row(row: Mapping[str, Any]) -> str:
    values = []
    for name, (_, digits, factor) in SHOWN.items():
        one = row["measures"][name]
        sd = "" if one["sd"] is None else f" ± {one['sd'] * factor:.{digits}f}"
        values.append(f"{one['mean'] * factor:.{digits}f}{sd}")
    counts = [row["parameters"], row["steps"], round(row["seconds"])]
    trained = [f"{count:,}" if count else "" for count in counts]
    return _line(f"`{row['name']}`", row["meaning"], *values, *trained)


def _difference(one: Mapping[str, Any]) -> str:
    measures = one["measures"]
    return _line(
        f"`{one['variant']}` - `{one['baseline']}`",
        _interval(measures["mean_mm"], 2, 1),
        *(_interval(measures[name], 1, 100) for name in ("pck_1mm", "pck_2mm", "outliers_10mm")),
    )


def _interval(one: Mapping[str, float], digits: int, factor: float) -> str:
    value, lower, upper = (factor * one[name] for name in ("value", "lower", "upper"))
    return f"{value:+.{digits}f} ({lower:+.{digits}f} to {upper:+.{digits}f})"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def inserted(document: str, name: str, text: str) -> str:
    """A document with a text between the marks of a study.

    Raises:
        ValueError: it has no such marks.
    """
    first, last = (f"<!-- {which} {name} -->" for which in ("begin", "end"))
    before, begin, rest = document.partition(first)
    _, end, after = rest.partition(last)
    if not (begin and end):
        raise ValueError(f"expected the lines {first} and {last}")
    return f"{before}{first}\n\n{text.strip()}\n\n{last}{after}"


def main() -> None:
    """Print a stored study, or put it into a document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stored", type=Path)
    parser.add_argument("--into", type=Path, help="a document with the marks of the study")
    asked = parser.parse_args()
    text = tables(json.loads(asked.stored.read_text("utf-8")))
    if asked.into is None:
        print(text)
    else:
        old = asked.into.read_text("utf-8")
        asked.into.write_text(inserted(old, asked.stored.stem, text), "utf-8")


if __name__ == "__main__":
    main()
