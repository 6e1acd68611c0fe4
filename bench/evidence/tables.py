"""A stored study as Markdown tables.

python -m bench.evidence.tables docs/results/evidence_knee.json --into docs/evidence.md
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any


def tables(result: Mapping[str, Any]) -> str:
    """All groups, each with its values and its differences."""
    return "\n".join(_group(group, result) for group in result["groups"])


def _group(group: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    columns = result["columns"]
    heads = [heading for heading, _, _, _ in columns.values()]
    compared = {name: one for name, one in columns.items() if one[1] is not None}
    lines = [
        f"### {group['name']}: {group['question']}",
        "",
        f"{group['test_cases']} {result['cases']} of {group['test_patients']} test patients; "
        f"mean ± SD of {len(result['seeds'])} trainings.",
        "",
        _line("variant", "what it is", *heads, "parameters", "steps", "s"),
        _line("---", "---", *["--:"] * (len(heads) + 3)),
        *(_row(row, columns) for row in group["rows"]),
        "",
        _line("difference", *(one[1] for one in compared.values()), *_power(group)),
        _line("---", *["--:"] * (len(compared) + len(_power(group)))),
        *(_difference(one, compared) for one in group["differences"]),
        "",
        *_extras(group["rows"]),
    ]
    return "\n".join(lines)


def _power(group: Mapping[str, Any]) -> list[str]:
    """A heading where the study knows what it could have seen; older ones do not."""
    told = any("detectable" in m for d in group["differences"] for m in d["measures"].values())
    return ["would be seen, points"] if told else []


def _extras(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Further figures of the variants that have any."""
    names = sorted({name for row in rows for name in row["extra"]})
    if not names:
        return
    yield _line("variant", *(f"`{name}`" for name in names))
    yield _line("---", *["--:"] * len(names))
    for row in rows:
        found = (row["extra"].get(name) for name in names)
        if row["extra"]:
            shown = ("" if one is None else f"{one:.2f}" for one in found)
            yield _line(f"`{row['name']}`", *shown)
    yield ""


def _row(row: Mapping[str, Any], columns: Mapping[str, Any]) -> str:
    values = []
    for name, (_, _, digits, factor) in columns.items():
        one = row["measures"][name]
        sd = "" if one["sd"] is None else f" ± {one['sd'] * factor:.{digits}f}"
        values.append(f"{one['mean'] * factor:.{digits}f}{sd}")
    counts = [row["parameters"], row["steps"], round(row["seconds"])]
    trained = [f"{count:,}" if count else "" for count in counts]
    return _line(f"`{row['name']}`", row["meaning"], *values, *trained)


def _difference(one: Mapping[str, Any], compared: Mapping[str, Any]) -> str:
    measures = one["measures"]
    return _line(
        f"`{one['variant']}` - `{one['baseline']}`",
        *(
            _interval(measures[name], digits, factor)
            for name, (_, _, digits, factor) in compared.items()
        ),
        *_detectable(measures, compared),
    )


def _detectable(measures: Mapping[str, Any], compared: Mapping[str, Any]) -> Iterator[str]:
    """What the first measure would have shown four times in five."""
    name, (_, _, digits, factor) = next(iter(compared.items()))
    if "detectable" in measures[name]:
        yield f"{measures[name]['detectable'] * factor:.{digits}f}"


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
