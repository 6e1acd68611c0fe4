"""`fit landmarks` on camera images of a mouse, beside a plain soft-argmax U-Net of equal cost.

python -m bench.mouse_keypoints --out runs/mouse --minutes 6 --seeds 1

Both train for the same time on the same frames, one after the other, and take turns in going
first. The U-Net is tuned on the validation part, in time that is not counted against it. Nothing
is chosen by the held-out frames. What comes out is printed, whichever wins, and stored in
docs/results/mouse_keypoints.json.
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import polyclinic.cli.app  # noqa: F401  Says how threads wait; torch asks when it is imported.

# isort: split
import numpy as np
from bench.landmark_errors import distances, true_points
from bench.mouse_result import Outcome, result_of, table
from bench.soft_argmax_unet import Choice, Lesson, train_unet, unet_errors

from polyclinic.atomic import write_json
from polyclinic.config import merge
from polyclinic.data import open_cohort, split_cohort
from polyclinic.fitting.fit import fit
from polyclinic.metrics.figure import Values
from polyclinic.recipes.assemble import assemble
from polyclinic.recipes.landmarks import Landmarks
from polyclinic.runs.load import load_network
from polyclinic.runtime.reader import Reader

SPLIT = (0.6, 0.15, 0.25)
"""One split for all seeds: what is chosen on the validation part has not seen the test part."""

STORED = Path("docs/results/mouse_keypoints.json")
DATA = Path(os.environ.get("POLYCLINIC_DATA", "../shared/data"), "dlc_mouse_keypoints")
CHOICES = tuple(
    Choice(rate=rate, beta=beta) for rate, beta in product((3e-4, 1e-3, 3e-3), (1.0, 10.0))
)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much is done.

    Args:
        choices: what the U-Net is tuned over; together they get as long as one training.
        changes: of the small preset, besides time, split and seed.
    """

    choices: tuple[Choice, ...]
    changes: Mapping[str, Any] = field(default_factory=dict)


FULL = Plan(choices=CHOICES, changes={"train": {"steps": 1_000_000}})
QUICK = Plan(
    choices=CHOICES[:2],
    changes={"data": {"frame": {"longest": 64}}, "train": {"steps": 2, "workers": 0}},
)


def main(arguments: list[str] | None = None) -> None:
    asked = parsed(arguments)
    plan = QUICK if asked.quick else FULL
    bench = Bench.laid_out(asked.out, asked.data, plan, asked.minutes)
    tuned = [(choice, bench.tried(choice, len(plan.choices))) for choice in plan.choices]
    best = min(tuned, key=lambda pair: pair[1].validation_px)[0]
    trainings: dict[str, Callable[[int], Outcome]] = {
        "fit landmarks": bench.recipe,
        "soft-argmax U-Net": lambda seed: bench.unet(best, seed),
    }
    outcomes: dict[str, list[Outcome]] = {name: [] for name in trainings}
    for seed in range(asked.seeds):
        for name in list(trainings)[:: -1 if seed % 2 else 1]:
            outcomes[name].append(trainings[name](seed))
            print(f"{name}, seed {seed}: {outcomes[name][-1].summary}", flush=True)
    constant = {"mean of the training frames": [bench.constant()]}
    result = result_of(bench.lesson, outcomes | constant, tuned, best) | {
        "minutes": asked.minutes,
        "seeds": asked.seeds,
        "command": command(asked),
    }
    file = asked.result or (asked.out / STORED.name if asked.quick else STORED)
    write_json(result, file, indent=1)
    print(f"\n{table(result)}\n\nstored in {file}")


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of the trainings")
    parser.add_argument("--minutes", type=float, default=6.0, help="of each training")
    parser.add_argument("--seeds", type=int, default=1, help="trainings of each")
    parser.add_argument("--quick", action="store_true", help="tiny: shows that it runs")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of dlc_mouse_keypoints")
    parser.add_argument("--result", type=Path, help=f"{STORED} unless given")
    return parser.parse_args(arguments)


def command(asked: argparse.Namespace) -> str:
    quick = " --quick" if asked.quick else ""
    return (
        f"python -m bench.mouse_keypoints --minutes {asked.minutes:g} --seeds {asked.seeds}{quick}"
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class Bench:
    """Both ways to train.

    Args:
        home: of the runs.
        table: the data, a CSV beside its images.
        lesson: the same for both.
        changes: of the small preset.
        minutes: of a training.
    """

    home: Path
    table: Path
    lesson: Lesson
    changes: Mapping[str, Any]
    minutes: float

    @classmethod
    def laid_out(cls, home: Path, data: Path, plan: Plan, minutes: float) -> Bench:
        """Put the data where `fit` finds it, and split it."""
        table = laid_out_table(home, data)
        cohort = open_cohort(table)
        split = split_cohort(cohort, SPLIT)
        stored = write_json(split.to_json(), home / "split.json")
        changes = merge(
            plan.changes, {"data": {"split": stored}, "train": {"max_minutes": minutes}}
        )
        config = Landmarks().resolve(changes)
        network = assemble(Landmarks(), config, cohort.training_facts(split.train)).network
        lesson = Lesson(cohort=cohort, split=split, config=config, tasks=network.task_list)
        return cls(home=home, table=table, lesson=lesson, changes=changes, minutes=minutes)

    def recipe(self, seed: int) -> Outcome:
        """The small preset; what an earlier call left is thrown away."""
        run = self.home / f"seed{seed}"
        shutil.rmtree(run, ignore_errors=True)
        load = os.getloadavg()[0]
        fitted = fit("landmarks", self.table, run, merge(self.changes, {"seed": seed}))
        assert fitted.split.image_ids == self.lesson.split.image_ids
        reader = load_network(run).with_candidates()
        split = self.lesson.split
        return Outcome(
            errors=self._read(reader, split.test),
            validation_px=float(np.nanmean(self._read(reader, split.val))),
            parameters=sum(one.numel() for one in reader.network.parameters()),
            steps=fitted.result.steps,
            seconds=fitted.result.seconds,
            load=load,
        )

    def _read(self, reader: Reader, rows: Sequence[int]) -> Values:
        """(N, K) errors of what the recipe's reader says of whole files."""
        samples = [self.lesson.cohort.samples[row] for row in rows]
        errors = []
        for sample, reading in zip(samples, reader.read_each(samples), strict=True):
            assert reading.instances, reading.error
            errors.append(distances(reading.instances[0].landmarks[:, :2], sample))
        return np.array(errors)

    def unet(self, choice: Choice, seed: int) -> Outcome:
        """The U-Net, read on the held-out frames."""
        return self._unet(choice, seed, 1, self.lesson.split.test)

    def tried(self, choice: Choice, share: int) -> Outcome:
        """The U-Net in a part of the time; the held-out frames are not opened."""
        tried = self._unet(choice, 0, share, ())
        print(f"U-Net, {choice}: {tried.validation_px:.1f} px on validation frames", flush=True)
        return tried

    def _unet(self, choice: Choice, seed: int, share: int, rows: Sequence[int]) -> Outcome:
        load = os.getloadavg()[0]
        trained = train_unet(self.lesson, choice, seconds=60 * self.minutes / share, seed=seed)
        return Outcome(
            errors=unet_errors(trained.network, self.lesson, rows),
            parameters=sum(one.numel() for one in trained.network.parameters()),
            steps=trained.steps,
            seconds=trained.seconds,
            validation_px=trained.best_px,
            load=load,
        )

    def constant(self) -> Outcome:
        """The mean place of each landmark in the training frames, whatever the image shows."""
        samples, split = self.lesson.cohort.samples, self.lesson.split
        mean = np.nanmean([true_points(samples[row]) for row in split.train], axis=0)
        errors = np.array([distances(mean, samples[row]) for row in split.test])
        chosen = np.array([distances(mean, samples[row]) for row in split.val])
        return Outcome(errors=errors, validation_px=float(np.nanmean(chosen)))


def laid_out_table(home: Path, data: Path) -> Path:
    """The published table beside a link to its images."""
    home.mkdir(parents=True, exist_ok=True)
    table, images = home / "openfield.csv", home / "images"
    shutil.copyfile(data / "openfield_keypoints.csv", table)
    images.unlink(missing_ok=True)
    images.symlink_to((data / "openfield").resolve())
    return table


if __name__ == "__main__":
    main()
