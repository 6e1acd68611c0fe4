"""The folder of a cross-validation: ordinary run directories side by side, and how far they are.

It holds `config.yaml`, `folds.json` and the runs `fold-1` to `fold-K`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from polyclinic.errors import RunError
from polyclinic.run_format import refuse_newer
from polyclinic.stored import read_json_object, values_of

FOLDS = "folds.json"


@dataclass(frozen=True, kw_only=True)
class FoldState:
    """How far one fold is.

    Args:
        run: name of its run directory.
        finished: whether its training has ended.
        steps, seconds: done and spent in all; 0 until it is finished.
        best_score: of the kept weights on its validation part; None without one.
    """

    run: str
    finished: bool = False
    steps: int = 0
    seconds: float = 0.0
    best_score: float | None = None


@dataclass(frozen=True, kw_only=True)
class FoldsRecord:
    """What `folds.json` says.

    Args:
        seed: of the dealing; fold k trains with seed + k - 1.
        data: name of the data set.
        data_digest: of its annotations.
        folds: one state a fold, in order.
        accept: score from which on the ensemble reports an instance; None for the mean of the
            members' thresholds.
    """

    seed: int
    data: str
    data_digest: str
    folds: tuple[FoldState, ...]
    accept: float | None = None

    @property
    def unfinished(self) -> list[str]:
        """Names of the runs that are still to be trained."""
        return [fold.run for fold in self.folds if not fold.finished]

    def with_fold(self, number: int, state: FoldState) -> FoldsRecord:
        """The same with the state of fold `number`, counted from 1."""
        states = list(self.folds)
        states[number - 1] = state
        return replace(self, folds=tuple(states))

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> FoldsRecord:
        """The record that `to_json` wrote."""
        folds = tuple(FoldState(**fold) for fold in document["folds"])
        return cls(**{**document, "folds": folds})


def is_folds_run(path: Path) -> bool:
    """Whether a folder holds a cross-validation."""
    return (path / FOLDS).is_file()


def read_record(path: Path) -> FoldsRecord:
    """How far a cross-validation is.

    Raises:
        RunError: the folder holds none, its `folds.json` is damaged, or the run is of a newer
            format.
    """
    refuse_newer(path)
    if not is_folds_run(path):
        raise RunError(
            "is no cross-validation", expected=f"a folder with a {FOLDS}", where=str(path)
        )
    with values_of(path / FOLDS):
        return FoldsRecord.from_json(read_json_object(path / FOLDS))


def fold_runs(path: Path) -> list[Path]:
    """The run directories of a finished cross-validation, in order.

    Raises:
        RunError: the folder holds no cross-validation, or not all folds are trained.
    """
    record = read_record(path)
    if record.unfinished:
        raise RunError(
            f"{len(record.unfinished)} of {len(record.folds)} folds are not trained yet: "
            + ", ".join(record.unfinished),
            where=str(path),
            hint="go on with `polyclinic fit` and --resume",
        )
    return [path / fold.run for fold in record.folds]
