"""The data set that a run was trained on, opened again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from polyclinic.data import Cohort, Split, open_cohort
from polyclinic.data.raters import settled
from polyclinic.data.split import FILE as SPLIT
from polyclinic.errors import DataError, RunError
from polyclinic.recipes.settings import REFERENCE
from polyclinic.runs.same_data import stored_split
from polyclinic.stored import read_json_object, values_of
from polyclinic.training.run_directory import CONFIG, RunDirectory


@dataclass(frozen=True)
class OwnData:
    """Data of a training, with the split that it was made with.

    Args:
        cohort: samples.
        split: which of them were for what.
    """

    cohort: Cohort
    split: Split

    @classmethod
    def of_run(cls, run: Path, data: Path) -> Self:
        """Open the data of a run.

        Args:
            run: its directory.
            data: where the data are now.

        Raises:
            RunError: there is no such run, or it was trained on something else.
            DataError: the data can't be read any more.
        """
        directory = RunDirectory.existing(run)
        config = directory.config()
        with values_of(directory.path / CONFIG):
            reference, patient = config["data"].get("reference"), config["data"]["patient"]
        digest = read_json_object(run / SPLIT).get("data_digest")
        cohort = settled(open_cohort(data), reference, REFERENCE)
        if cohort.digest() != digest:
            raise RunError(
                f"{data} is not what the run was trained on, or was changed since",
                expected="the data set of the training",
                where=str(run),
            )
        return cls(cohort, stored_split(run, cohort, patient))

    def some_of_training(self, number: int) -> list[int]:
        """Rows of training images, spread over all of them.

        Raises:
            DataError: files of them are not there any more.
        """
        train = self.split.train
        spread = np.linspace(0, len(train) - 1, min(number, len(train))).round().astype(int)
        rows = [train[place] for place in spread]
        files = [self.cohort.samples[row].file for row in rows]
        gone = [file for file in files if file is not None and not Path(file).is_file()]
        if gone:
            raise DataError(
                f"{len(gone)} of {len(files)} training images are not there any more: {gone[0]}",
                expected="the images that the run was trained on",
                hint="put them back where they were; ranges of activations are learnt from them",
            )
        return rows
