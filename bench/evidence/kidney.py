"""What quality and de-blurring are worth to a diagnosis, on fields of unseen phantom patients.

python -m bench.evidence.kidney --out runs/evidence-kidney

Every outcome is kept in the folder as soon as there is one; the same command again goes on where
it stopped, and `--only-seeds` lets several processes share the work. What is complete is printed
as tables and stored in docs/results/evidence_kidney.json.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
from pathlib import Path

import numpy as np
from bench.evidence.kidney_arms import USUAL, arms
from bench.evidence.kidney_fields import LEVELS, Sizes, make_fields
from bench.evidence.result import Column, result_of
from bench.evidence.statistics import Measure
from bench.evidence.study import Outcome, Study
from bench.evidence.tables import tables

from bench.evidence import kidney_fields
from polyclinic.atomic import write_json
from polyclinic.metrics.figure import Figure, Values
from polyclinic.metrics.pooled import mean_figure

FULL = (Sizes(training=160, test=400), 300)
QUICK = (Sizes(training=8, test=4), 2)
STORED = Path("docs/results/evidence_kidney.json")
SECONDS = 60.0
"""A training of the full study on one quiet core, with reading."""


def accuracy(levels: slice) -> Measure:
    """Share of fields that are named rightly at some levels of blur."""

    def share(right: Values) -> Figure:
        return mean_figure("accuracy", right[:, levels].mean(1), np.arange(len(right)), len(right))

    return share


COLUMNS = {
    "mean": Column(
        measure=accuracy(slice(None)),
        heading="all levels, %",
        digits=1,
        factor=100,
        compared="all levels, points (95 % interval)",
    ),
    **{
        f"level_{level}": Column(
            measure=accuracy(slice(level, level + 1)),
            heading=f"level {level}, %",
            digits=1,
            factor=100,
            compared=f"level {level}, points",
        )
        for level in range(LEVELS)
    },
}
"""Of the tables."""


def main(arguments: list[str] | None = None) -> None:
    asked = parsed(arguments)
    sizes, steps = QUICK if asked.quick else FULL
    every = [arms(sizes, steps)]
    mine = Study(asked.out, asked.only_seeds or range(asked.seeds))
    make_fields(asked.out, sizes)
    mine.carry_out(every, SECONDS * steps / FULL[1], lambda line: print(line, flush=True), _short)
    study = Study(asked.out, range(asked.seeds))
    if study.waiting(every):
        print(f"{len(study.waiting(every))} outcomes of other seeds are missing: nothing stored")
        return
    result = {
        "usual": USUAL,
        "sizes": dataclasses.asdict(sizes),
        "fields_of_a_patient": kidney_fields.FIELDS,
        "largest_sigma": kidney_fields.BLUR,
        "cores": os.cpu_count(),
        **result_of(study, every, COLUMNS, "fields"),
    }
    file = asked.result or (asked.out / STORED.name if asked.quick else STORED)
    write_json(result, file, indent=1)
    print(f"\n{tables(result)}\nstored in {file}")


def _short(found: Outcome) -> str:
    return "right " + " ".join(f"{share:.3f}" for share in found.values.mean(0))


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of fields and outcomes")
    parser.add_argument("--seeds", type=int, default=12, help="trainings of each arm")
    parser.add_argument("--only-seeds", type=int, nargs="+", help="those of this process")
    parser.add_argument("--quick", action="store_true", help="tiny: shows that it runs")
    parser.add_argument("--result", type=Path, help=f"{STORED} unless given")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
