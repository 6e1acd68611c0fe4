"""A run judged on images that it has not seen."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from polyclinic.data import Cohort, Split, open_cohort, split_cohort
from polyclinic.errors import DataError
from polyclinic.recipes.fit import SPLIT
from polyclinic.recipes.judge import Judgement, Told, judge, read_cases
from polyclinic.recipes.load import load, recipe_of
from polyclinic.runtime.reader import Reader
from polyclinic.tasks import Case
from polyclinic.training.run_directory import RunDirectory

Part = Literal["test", "val", "train", "all"]


@dataclass(frozen=True)
class Evaluation:
    """A judgement and what it was made on.

    Args:
        run: the run directory.
        reader: what was judged.
        cohort: the data set.
        part: which of its images.
        split: how the training data were split; None for another data set.
        judgement: cases and figures.
    """

    run: RunDirectory
    reader: Reader
    cohort: Cohort
    part: Part
    split: Split | None
    judgement: Judgement

    def accepted(self) -> list[Case]:
        """The cases with only those instances that the reader reports, measured."""
        recipe, config = recipe_of(self.run)
        cases = []
        for sample, reading in self.judgement.cases:
            kept = reading.accepted(self.reader.accept)
            cases.append((sample, kept.with_measurements(recipe.measure(kept, config))))
        return cases

    def to_json(self) -> dict[str, Any]:
        """The figures as plain values."""
        return {
            "data": self.cohort.name,
            "part": self.part,
            "images": len(self.judgement.cases),
            "accept": self.reader.accept,
            "metrics": [asdict(metric) for metric in self.judgement.metrics],
        }


def evaluate(
    run: Path, data: Path, *, part: Part | None = None, told: Told | None = None
) -> Evaluation:
    """Judge a run on a data set.

    On the data set that the run was trained on, the test part is taken; of another data set all
    images are.

    Args:
        run: run directory.
        data: annotated images.
        part: overrules that choice, to be used knowingly.
        told: called with images done and images in all.

    Raises:
        RunError: the run can't be used.
        DataError: the data can't be used, hold nothing to judge on, or have other classes.
    """
    directory = RunDirectory.existing(run)
    reader = load(run)
    cohort = open_cohort(data)
    _same_classes(reader, cohort)
    if reader.provenance["data_digest"] == cohort.digest():
        split, chosen = split_cohort(cohort, run / SPLIT), part or "test"
        indices = range(len(cohort)) if chosen == "all" else split.parts[chosen]
    else:
        split, chosen, indices = None, "all", range(len(cohort))
    if not indices:
        raise DataError(f"the {chosen} part is empty", where=str(data))
    cases = read_cases(reader, cohort, list(indices), told)
    recipe, config = recipe_of(directory)
    judgement = judge(recipe, config, reader, cases)
    return Evaluation(directory, reader, cohort, chosen, split, judgement)


def _same_classes(reader: Reader, cohort: Cohort) -> None:
    if cohort.classes != reader.classes:
        raise DataError(
            f"the data have the classes {', '.join(cohort.classes)}",
            expected=f"those of the run: {', '.join(reader.classes)}",
            where=cohort.name,
        )
