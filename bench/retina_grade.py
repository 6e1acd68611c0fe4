"""`fit diagnose` on grades of diabetic retinopathy, beside two plain readers.

python -m bench.retina_grade --out runs/retina --minutes 6

IDRiD's own training images teach, a fifth of them set aside by grade to choose weights by; its own
test images judge. A training image that looks the same as a test image is left out. The logistic
regression has all the others, and features of the very encoder that the training starts from, with
its random weights. What comes out is printed, whichever wins, and stored in
docs/results/retina_grade.json. A killed call goes on with the same command.
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polyclinic.cli.app  # noqa: F401  Says how threads wait; torch asks when it is imported.

# isort: split
import numpy as np
from bench.machine import machine
from bench.retina_baselines import commonest, encoder_features, logistic, stated
from bench.retina_result import LABEL, judged, table
from rich.console import Console
from sklearn.model_selection import train_test_split

from polyclinic.atomic import write_json
from polyclinic.config import merge
from polyclinic.data import Cohort, Split, open_cohort
from polyclinic.data.audit import hash_images
from polyclinic.data.patients import group_patients
from polyclinic.data.split import make_split
from polyclinic.fitting.fit import Fitted, fit
from polyclinic.metrics.case import Case
from polyclinic.recipes.diagnose import Diagnose
from polyclinic.recipes.judge import read_cases
from polyclinic.runs.load import load_network

STORED = Path("docs/results/retina_grade.json")
DATA = Path(os.environ.get("POLYCLINIC_DATA", "../shared/data"), "idrid_fundus")
SEED = 0
OURS = "fit diagnose"
FULL: Mapping[str, Any] = {
    "data": {"frame": {"longest": 256}},
    "train": {"steps": 1_000_000, "evaluate_every": 100, "checkpoint_every": 100},
}
"""Changes of the small preset; the minutes end the training."""

QUICK: Mapping[str, Any] = {
    "data": {"frame": {"longest": 64}},
    "train": {"steps": 2, "batch_size": 4, "workers": 0, "evaluate_every": 1},
}


def main(arguments: list[str] | None = None) -> None:
    asked = parsed(arguments)
    cohort = open_cohort(laid_out_table(asked.out, asked.data))
    split = own_split(cohort)
    settings = settings_of(asked, write_json(split.to_json(), asked.out / "split.json"))
    told({part: len(rows) for part, rows in split.parts.items()})
    told(f"left out of the training, as a test image looks the same: {left_out(cohort, split)}")

    readers, cost = plain_readers(cohort, split, settings)
    fitted = trained(asked.out, settings)
    assert fitted.split.image_ids == split.image_ids
    network = load_network(fitted.run.path)
    told(f"reading {len(split.test)} test images")
    readers = {OURS: read_cases(network, cohort, split.test), **readers}

    result = {
        "data": "IDRiD part B, as shared by github.com/imsaksham-c/EyeDisease_IDRiD; CC BY 4.0",
        "label": LABEL,
        "images": {part: len(rows) for part, rows in split.parts.items()},
        "grades": {part: counted(cohort, rows) for part, rows in split.parts.items()},
        "patients": "the data name none: each image counts as one",
        "left_out": left_out(cohort, split),
        "compared_for_duplicates": split.audit.hashed,
        "longest_side": settings["data"]["frame"]["longest"],
        "trainings": 1,
        "minutes": asked.minutes,
        "steps": fitted.result.steps,
        "seconds": round(fitted.result.seconds, 1),
        "parameters": sum(one.numel() for one in network.network.parameters()),
        "validation_kappa": fitted.result.best_score,
        **cost,
        **judged(readers, OURS),
        "machine": machine(),
        "command": command(asked),
    }
    file = asked.result or (asked.out / STORED.name if asked.quick else STORED)
    write_json(result, file, indent=1)
    told(f"\n{table(result)}\n\n{result['verdict']}\nOne training: nothing is said of others.")
    told(f"stored in {file}")


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of the training")
    parser.add_argument("--minutes", type=float, default=6.0, help="of the training")
    parser.add_argument("--quick", action="store_true", help="tiny: shows that it runs")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of idrid_fundus")
    parser.add_argument("--result", type=Path, help=f"{STORED} unless given")
    return parser.parse_args(arguments)


def command(asked: argparse.Namespace) -> str:
    quick = " --quick" if asked.quick else ""
    return f"python -m bench.retina_grade --out runs/retina --minutes {asked.minutes:g}{quick}"


def settings_of(asked: argparse.Namespace, split: Path) -> dict[str, Any]:
    """Changes of the small preset."""
    mine = {
        "seed": SEED,
        "data": {"split": split, "patient": "image"},
        "grades": {"label": LABEL, "balanced": True},
        "train": {"max_minutes": asked.minutes},
    }
    return merge(QUICK if asked.quick else FULL, mine)


def laid_out_table(home: Path, data: Path) -> Path:
    """The published table beside a link to its images."""
    home.mkdir(parents=True, exist_ok=True)
    grades, images = home / "grades.csv", home / "images"
    shutil.copyfile(data / "grades.csv", grades)
    images.unlink(missing_ok=True)
    images.symlink_to((data / "grade_images").resolve())
    return grades


def own_split(cohort: Cohort) -> Split:
    """The data set's own test part; a fifth of its training part, by grade, for validation.

    A training image that looks the same as a test image is left out.
    """
    rows: dict[str, list[int]] = {"train": [], "test": []}
    for row, sample in enumerate(cohort.samples):
        rows[sample.extra["split"]].append(row)
    appearances, patients = hash_images(cohort), group_patients(cohort, "image")
    whole = {part: tuple(those) for part, those in rows.items()}
    audit = make_split(cohort, patients, whole, appearances).audit
    seen = {name for pair in audit.near_duplicates for name in (pair.first, pair.second)}
    learnt = [row for row in rows["train"] if cohort.samples[row].image_id not in seen]
    train, val = train_test_split(
        learnt,
        test_size=0.2,
        stratify=[cohort.samples[row].labels[LABEL] for row in learnt],
        random_state=SEED,
    )
    parts = {"train": tuple(sorted(train)), "val": tuple(sorted(val)), "test": whole["test"]}
    return make_split(cohort, patients, parts, appearances)


def trained(home: Path, settings: Mapping[str, Any]) -> Fitted:
    """The training, from its last checkpoint where an earlier call was killed."""
    run = home / "run"
    resume = (run / "config.yaml").is_file()
    return fit("diagnose", home / "grades.csv", run, settings, resume=resume, console=Console())


def plain_readers(
    cohort: Cohort, split: Split, settings: Mapping[str, Any]
) -> tuple[dict[str, list[Case]], dict[str, Any]]:
    """Readings of the test images by readers that learn no features, and how they were made."""
    learnt = (*split.train, *split.val)
    grades = np.array([cohort.samples[row].labels[LABEL] for row in learnt])
    tested = [cohort.samples[row] for row in split.test]
    config = Diagnose().resolve(settings)
    told(f"features of {len(cohort.samples)} images by an encoder with random weights")
    seen = encoder_features(cohort, config, split.train, (*learnt, *split.test))
    told("logistic regression: choosing its settings among the training images")
    model = logistic(seen[: len(learnt)], grades, SEED)
    readers = {
        "logistic regression": stated(
            tested, LABEL, model.classes_, model.predict_proba(seen[len(learnt) :])
        ),
        "commonest grade": commonest(tested, LABEL, grades),
    }
    return readers, {"logistic_regression": model.best_params_, "features": seen.shape[1]}


def left_out(cohort: Cohort, split: Split) -> list[str]:
    """Training images that are in no part, for a test image looks the same."""
    used = {row for rows in split.parts.values() for row in rows}
    return [str(one.image_id) for row, one in enumerate(cohort.samples) if row not in used]


def counted(cohort: Cohort, rows: Sequence[int]) -> dict[str, int]:
    """Images of each grade."""
    grades, counts = np.unique(
        [cohort.samples[row].labels[LABEL] for row in rows], return_counts=True
    )
    return {str(grade): int(count) for grade, count in zip(grades, counts, strict=True)}


def told(line: object) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
