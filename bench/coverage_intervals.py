"""How often the 95 % intervals of figures hold the truth, by simulation.

python -m bench.coverage_intervals --out docs/results/coverage_intervals.json

Data sets of 7, 15, 30 and 60 patients are drawn from populations whose figures are known
(bench/coverage_populations.py), judged as `evaluate` judges, and counted. The same seed gives the
same result.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from bench.coverage_populations import (
    Difference,
    Population,
    calibrations,
    differences,
    layout,
    others,
    shares,
)

from polyclinic.metrics.intervals import Interval
from polyclinic.metrics.jackknife import difference_intervals, patient_intervals

PATIENTS = (7, 15, 30, 60)
LAYOUTS = 20
"""Ways in which images fall on patients; data sets of one layout are judged together."""
ROUNDING = 1e-9


@dataclass
class Held:
    """What is counted of one setting.

    Args:
        sets: data sets drawn.
        stated: of them with an interval.
        held: of these that hold the truth.
        widths: of the intervals.
    """

    sets: int = 0
    stated: int = 0
    held: int = 0
    widths: tuple[float, ...] = ()

    def add(self, intervals: Sequence[Interval], truth: float) -> None:
        """Count the intervals of some data sets."""
        known = [(i.lower, i.upper) for i in intervals if i.lower is not None]
        self.sets += len(intervals)
        self.stated += len(known)
        self.held += sum(low - ROUNDING <= truth <= up + ROUNDING for low, up in known)  # type: ignore[operator]
        self.widths += tuple(up - low for low, up in known)  # type: ignore[operator]

    def to_json(self) -> dict[str, float | None]:
        """Plain values; coverage is of those that are stated."""
        return {
            "stated": round(self.stated / self.sets, 3),
            "coverage": round(self.held / self.stated, 4) if self.stated else None,
            "median_width": round(float(np.median(self.widths)), 4) if self.stated else None,
        }


def covered(one: Population | Difference, patients: int, sets: int, seed: int) -> Held:
    """Draw and judge data sets of so many patients."""
    random = np.random.default_rng([seed, patients])
    held = Held()
    for _ in range(LAYOUTS):
        of = layout(random, patients)
        drawn = [one.draw(random, of) for _ in range(sets // LAYOUTS)]
        if isinstance(one, Difference):
            held.add(difference_intervals([one.figures(each) for each in drawn], of), one.truth)
        else:
            held.add(patient_intervals([one.figure(each) for each in drawn], of), one.truth)
    return held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="where the result is stored")
    parser.add_argument("--sets", type=int, default=1000, help="data sets a setting")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for one in (*shares(), *others(), *differences(), *calibrations()):
        by_patients = {
            str(count): covered(one, count, asked.sets, asked.seed).to_json() for count in PATIENTS
        }
        rows.append({"figure": one.name, "truth": round(one.truth, 4), "patients": by_patients})
        print(one.name, *(each["coverage"] for each in by_patients.values()), flush=True)
    result = {
        "level": 0.95,
        "sets": asked.sets // LAYOUTS * LAYOUTS,
        "layouts": LAYOUTS,
        "seed": asked.seed,
        "images_a_patient": "1 to 8, evenly",
        "monte_carlo_error": round(float(np.sqrt(0.95 * 0.05 / asked.sets)), 4),
        "settings": rows,
    }
    if asked.out:
        asked.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(table(result))


def table(result: dict[str, Any]) -> str:
    """Coverage by figure and number of patients."""
    counts = list(result["settings"][0]["patients"])
    lines = [
        "| figure | " + " | ".join(f"{count} patients" for count in counts) + " |",
        "| --- |" + " --: |" * len(counts),
    ]
    lines += [
        f"| {one['figure']} | "
        + " | ".join(_cell(one["patients"][count]) for count in counts)
        + " |"
        for one in result["settings"]
    ]
    return "\n".join(lines)


def _cell(one: dict[str, float | None]) -> str:
    """Coverage, and the share of data sets with an interval where some have none."""
    if one["coverage"] is None:
        return "none"
    some = "" if one["stated"] == 1 else f" ({one['stated']:.0%} stated)"
    return f"{one['coverage']:.3f}{some}"


if __name__ == "__main__":
    main()
