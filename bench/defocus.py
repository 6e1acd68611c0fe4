"""How poor an image is, and the image in focus: real stacks with known defocus.

python -m bench.defocus --out runs/defocus --minutes 8

Two trainings of the kidney recipe without a diagnosis, beside classical ways to restore. Three
fifths of the minutes go to fields of the defocus stacks (DFNN), where the plane in focus of a field
is the partner of its other planes; held-out fields of the same stacks judge. The rest goes to
nuclei (BBBC006) that are degraded in training; published pairs of another field judge. Settings of
the classical ways are chosen on what teaches alone. What comes out is printed, whichever wins, and
stored in docs/results/defocus.json. A killed call goes on with the same command.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polyclinic.cli.app  # noqa: F401  Says how threads wait; torch asks when it is imported.

# isort: split
import numpy as np
from bench.defocus_choice import at_each_level, chosen
from bench.defocus_classical import METHODS, Method
from bench.defocus_fields import pictures
from bench.defocus_pairs import (
    PAIR_SHARP,
    PAIR_SIDE,
    PAIR_TEACHERS,
    cut_pairs,
    degraded,
    read_pairs,
)
from bench.defocus_result import alone, poorness, quality, restoration
from bench.defocus_stacks import SIDE, cut_stacks
from bench.defocus_strip import chosen_fields, save, strip
from bench.defocus_tables import tables, verdict
from bench.defocus_training import cost, read, trained
from bench.machine import machine

from polyclinic.atomic import write_json
from polyclinic.config import merge
from polyclinic.data import open_cohort, split_cohort
from polyclinic.data.degrade import DegradeConfig
from polyclinic.data.degrade.view import degrade_view

STORED = Path("docs/results/defocus.json")
PICTURE = Path("docs/images/defocus.jpg")
DATA = Path(os.environ.get("POLYCLINIC_DATA", "../shared/data"))
SEED = 0
OURS = "fit kidney"
SHOWN = {
    "untouched": "as read",
    "unsharp mask": "unsharp mask",
    "Wiener": "Wiener",
    "Richardson-Lucy": "Richardson-Lucy",
    OURS: "fit kidney",
}
"""Columns of the picture, with what stands above them."""

SHOWN_UM = 0.6
"""Micrometres out of focus of the fields that are shown, or as near as there is."""

SHARE = 0.6
"""Of the minutes, for the stacks."""

OF_STACKS: Mapping[str, Any] = {
    "data": {"frame": {"longest": SIDE}, "degrade": {"blur": 0.0}},
}
NUCLEI = DegradeConfig(blur=0.04, kernel="both", noise_gain=0.001, noise_floor=0.005)
"""Up to 4 pixels, and the noise of photons where white is about 1000 of them."""

OF_PAIRS: Mapping[str, Any] = {
    "data": {"frame": {"longest": PAIR_SIDE}, "degrade": NUCLEI.model_dump()},
}


WHITE_OF_PAIRS = 1000
"""Grey value that becomes white; the brightest pixel of the pairs has 997."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much is done.

    Args:
        changes: of the settings above.
        methods: the classical ways.
        teachers: images a level of defocus that their settings are chosen on.
        every: one in so many fields of nuclei is degraded to choose settings on.
    """

    changes: Mapping[str, Any]
    methods: tuple[Method, ...]
    teachers: int
    every: int


FULL = Plan(changes={}, methods=METHODS, teachers=16, every=1)
QUICK = Plan(
    changes={"train": {"steps": 2, "batch_size": 4, "workers": 0}},
    methods=tuple(
        Method(name=one.name, restore=one.restore, settings=one.settings[:2]) for one in METHODS
    ),
    teachers=1,
    every=30,
)


def main(arguments: list[str] | None = None) -> None:
    asked = parsed(arguments)
    plan = QUICK if asked.quick else FULL
    file = asked.result or (asked.out / STORED.name if asked.quick else STORED)
    picture = asked.picture or (asked.out / PICTURE.name if asked.quick else PICTURE)
    stacks = of_stacks(asked, plan, picture)
    result = {
        "stacks": stacks,
        "pairs": of_pairs(asked, plan),
        "psnr_and_ssim": "shares of white, over the whole field; white as said of each data set",
        "trainings": "one of each",
        "minutes": asked.minutes,
        "machine": machine(),
        "command": command(asked),
    }
    write_json(result, file, indent=1)
    told(f"\n{tables(result)}\n\n{verdict(stacks, OURS)}\nstored in {file}, {picture}")


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of the trainings")
    parser.add_argument("--minutes", type=float, default=8.0, help="of both trainings together")
    parser.add_argument("--quick", action="store_true", help="tiny: shows that it runs")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the data sets")
    parser.add_argument("--result", type=Path, help=f"{STORED} unless given")
    parser.add_argument("--picture", type=Path, help=f"{PICTURE} unless given")
    return parser.parse_args(arguments)


def command(asked: argparse.Namespace) -> str:
    quick = " --quick" if asked.quick else ""
    return f"python -m bench.defocus --out runs/defocus --minutes {asked.minutes:g}{quick}"


def of_stacks(asked: argparse.Namespace, plan: Plan, picture: Path) -> dict[str, Any]:
    """Train, choose and judge on the defocus stacks."""
    cut = cut_stacks(asked.out / "stacks", asked.data / "dfnn_defocus_stacks")
    cohort = open_cohort(cut.table)
    split = split_cohort(cohort, "file")
    teachers = at_each_level(pictures(cohort, split.train), plan.teachers, SEED)
    choices = chosen(plan.methods, teachers, levels=True)
    scale = merge(OF_STACKS, {"quality": {"worst": cut.farthest}})
    fitted = trained(cut.table, merge(scale, plan.changes), asked.minutes * SHARE)
    seen = pictures(cohort, split.test)
    restored, stated = read(fitted, seen)
    paired = seen.some(seen.paired)
    images = {
        **choices.restored(paired),
        **choices.restored_told(paired),
        OURS: restored[seen.paired],
    }
    fields = [str(one.patient_id) for one in paired.samples]
    stacks = [field.split("-")[0] for field in fields]
    apart = np.abs(paired.levels - SHOWN_UM)
    shown = chosen_fields(apart, fields, stacks, paired.sharp, 3)
    columns = {name: images[name][shown] for name in SHOWN} | {"sharp": paired.sharp[shown]}
    save(strip({SHOWN.get(name, name): each for name, each in columns.items()}), picture)
    return {
        "data": "DFNN defocus stacks, github.com/ZJUOPTKuangLab/DFNN; MIT",
        "white": cut.white,
        "farthest_um": cut.farthest,
        "side": SIDE,
        "fields": {
            part: len({cohort.samples[row].patient_id for row in rows})
            for part, rows in split.parts.items()
        },
        "images": {part: len(rows) for part, rows in split.parts.items()},
        "judged_pairs": len(fields),
        "chosen": choices.to_json(),
        "shown_um": paired.levels[shown].tolist(),
        "shown": [str(paired.samples[row].image_id) for row in shown],
        **cost(fitted),
        **restoration(images, paired, OURS),
        "quality": quality({OURS: stated, **poorness(seen.images)}, seen.samples, OURS),
    }


def of_pairs(asked: argparse.Namespace, plan: Plan) -> dict[str, Any]:
    """Train on degraded nuclei, and read the published pairs of another field."""
    home, data = asked.out / "pairs", asked.data / "bbbc006_degradation_pairs"
    table = cut_pairs(home, data, WHITE_OF_PAIRS)
    cohort = open_cohort(table)
    sharp = pictures(cohort, range(0, len(cohort.samples), plan.every)).images
    degrade = partial(degrade_view, config=NUCLEI, rng=np.random.default_rng(SEED))
    choices = chosen(plan.methods, degraded(sharp, degrade, 2), levels=False)
    fitted = trained(table, merge(OF_PAIRS, plan.changes), asked.minutes * (1 - SHARE))
    seen = read_pairs(home / "judged", data, WHITE_OF_PAIRS)
    restored, stated = read(fitted, seen)
    return {
        "data": "BBBC006 pairs, github.com/google/microscopeimagequality; Apache-2.0",
        "taught_by": list(PAIR_TEACHERS),
        "fields": len(cohort.samples),
        "partner": PAIR_SHARP,
        "white": WHITE_OF_PAIRS,
        "degraded": NUCLEI.model_dump(),
        "interval": "none: all pairs are of one crop",
        "chosen": choices.to_json(),
        **cost(fitted),
        "images": alone({**choices.restored(seen), OURS: restored}, seen),
        "quality": {
            str(one.image_id): round(float(value), 4)
            for one, value in zip(seen.samples, stated, strict=True)
        },
    }


def told(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
