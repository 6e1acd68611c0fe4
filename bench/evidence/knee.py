"""Each ingredient of KNEEL against its baseline, on knees of unseen phantom patients.

python -m bench.evidence.knee --out runs/evidence-knee

Every outcome is kept in the folder as soon as there is one; the same command again goes on where
it stopped. `--only GROUP` carries out some of the groups. What is complete is printed as tables
and stored in docs/results/evidence_knee.json.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
from pathlib import Path

import numpy as np
from bench.evidence.groups import groups
from bench.evidence.knee_columns import COLUMNS
from bench.evidence.plan import Plan
from bench.evidence.result import result_of
from bench.evidence.study import Outcome, Study
from bench.evidence.tables import tables
from bench.evidence.training import USUAL
from bench.evidence.views import Sizes, make_views

from polyclinic.atomic import write_json

FULL = Plan(sizes=Sizes(training=330, test=60), steps=250, labelled=(50, 100, 400), low_cost=600)
QUICK = Plan(sizes=Sizes(training=5, test=3), steps=2, labelled=(2, 3, 6), low_cost=6)
STORED = Path("docs/results/evidence_knee.json")
SECONDS = 29.0
"""A usual training of the full plan on two quiet cores, with reading and loading."""


def main(arguments: list[str] | None = None) -> None:
    asked = parsed(arguments)
    plan = QUICK if asked.quick else FULL
    every = groups(plan)
    wanted = [group for group in every if not asked.only or group.name in asked.only]
    study = Study(asked.out, range(asked.seeds))
    print(f"{len(study.waiting(wanted))} outcomes are missing; films first", flush=True)
    make_views(asked.out, plan.sizes)
    rate = SECONDS * plan.steps / FULL.steps
    study.carry_out(wanted, rate, lambda line: print(line, flush=True), _mean_error)
    result = {
        "usual": USUAL,
        "plan": dataclasses.asdict(plan),
        "cores": os.cpu_count(),
        **result_of(study, every, COLUMNS, "knees"),
    }
    file = asked.result or (asked.out / STORED.name if asked.quick else STORED)
    write_json(result, file, indent=1)
    print(f"\n{tables(result)}\nstored in {file}")


def _mean_error(found: Outcome) -> str:
    return f"mean error {np.nanmean(found.values):.2f} mm"


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of films and outcomes")
    names = [group.name for group in groups(FULL)]
    parser.add_argument("--only", nargs="+", choices=names, help="some of the groups")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each variant")
    parser.add_argument("--quick", action="store_true", help="tiny: shows that it runs")
    parser.add_argument("--result", type=Path, help=f"{STORED} unless given")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
