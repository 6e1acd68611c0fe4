"""The folder that holds everything of one run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout
from lightning_fabric.utilities.rank_zero import rank_zero_only
from torch import Tensor

from polyclinic.atomic import write_text
from polyclinic.config import Config
from polyclinic.errors import RunError
from polyclinic.run_format import KEY, migrated_model, newest, read_settings
from polyclinic.settings_text import load_settings
from polyclinic.training.journal import Journal
from polyclinic.training.tensor_file import read_tensors, refuse_not_finite, write_tensors

LOCK_PATIENCE = 10.0
"""Seconds to wait for another writer: loader processes outlive a killed run by a few."""
CONFIG = "config.yaml"
WEIGHTS = "model.safetensors"
STATE_FORMAT = 2
"""Of what a resume needs; another number whenever that changes."""


class RunDirectory:
    """Files of a run: settings, split, weights, state, log, metrics, report.

    Whole files are replaced at once. Processes that train together share the folder; only the
    first of them writes.

    Args:
        path: the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = FileLock(path / ".lock")
        self._journal = Journal(path / "log.jsonl")

    @classmethod
    def start(cls, path: Path, config: Config, *, resume: bool) -> Self:
        """Make the folder, or take up the run in it, and hold it until this process ends.

        Args:
            path: the folder.
            config: written to `config.yaml`.
            resume: whether a run in the folder is to be continued.

        Raises:
            RunError: there is a run already and `resume` is off, its settings differ, or another
                process is writing it.
        """
        run = cls(path)
        if not run.is_mine:
            return run
        if path.exists() and not path.is_dir():
            raise RunError("is a file", expected="a folder for the run", where=str(path))
        path.mkdir(parents=True, exist_ok=True)
        try:
            run._lock.acquire(timeout=LOCK_PATIENCE)
        except Timeout:
            raise RunError("another process is writing this run", where=str(path)) from None
        run._claim(config.to_yaml(), resume=resume)
        return run

    @classmethod
    def existing(cls, path: Path) -> Self:
        """A run to read from.

        Raises:
            RunError: there is none.
        """
        if not (path / "config.yaml").is_file():
            raise RunError("is not a run", expected="a folder with a config.yaml", where=str(path))
        return cls(path)

    @property
    def is_mine(self) -> bool:
        """Whether this process writes: it is the first of those that train together."""
        return int(rank_zero_only.rank) == 0

    @property
    def has_state(self) -> bool:
        """Whether there is a checkpoint, from which a resumed run takes all of its weights."""
        return (self.path / "state.safetensors").exists()

    def config(self) -> dict[str, Any]:
        """The resolved settings, as the newest format has them.

        Raises:
            RunError: the file is damaged, or of a newer format.
        """
        return read_settings(self.path / CONFIG)

    def write_json(self, name: str, document: Mapping[str, Any]) -> None:
        """Write `split.json`, `metrics.json` and the like."""
        self.write_text(name, json.dumps(document, indent=2, ensure_ascii=False) + "\n")

    def write_text(self, name: str, text: str) -> None:
        """Write `report.html` and the like."""
        if self.is_mine:
            write_text(text, self.path / name)

    def save_model(self, tensors: Mapping[str, Tensor], description: Mapping[str, Any]) -> None:
        """Write the weights to keep, with what is needed to read images with them."""
        if self.is_mine:
            described = {KEY: newest(), **description}
            write_tensors(self.path / WEIGHTS, tensors, described)

    def load_model(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """The kept weights and their description.

        Raises:
            RunError: nothing has been kept yet, the file is damaged or of a newer format, or a
                weight is not finite.
        """
        path = self.path / WEIGHTS
        tensors, description = read_tensors(path)
        refuse_not_finite(tensors, path)
        return tensors, migrated_model(description, str(path))

    def save_state(self, tensors: Mapping[str, Tensor], description: Mapping[str, Any]) -> None:
        """Write what a resume needs."""
        if self.is_mine:
            described = {"format": STATE_FORMAT, **description}
            write_tensors(self.path / "state.safetensors", tensors, described)

    def load_state(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """What `save_state` wrote last; None when the run has no checkpoint yet.

        Raises:
            RunError: the file is damaged, or was written by another version of polyclinic.
        """
        file = self.path / "state.safetensors"
        if not file.exists():
            return None
        tensors, description = read_tensors(file)
        refuse_not_finite(tensors, file)
        if (number := description.pop("format", 1)) != STATE_FORMAT:
            raise RunError(
                f"the checkpoint of format {number} was written by another version of polyclinic",
                expected=f"format {STATE_FORMAT}",
                where=str(file),
                hint="resume with that version, or train anew in another folder",
            )
        return tensors, description

    def log(self, record: Mapping[str, Any]) -> None:
        """Append to `log.jsonl`; `record` has a `step`."""
        if self.is_mine:
            self._journal.append(record)

    def read_log(self) -> list[dict[str, Any]]:
        """Everything that was logged."""
        return self._journal.read()

    def forget_log_after(self, step: int) -> None:
        """Drop what was logged after a step."""
        if self.is_mine:
            self._journal.forget_after(step)

    def _claim(self, settings: str, *, resume: bool) -> None:
        file = self.path / CONFIG
        if file.exists() and not resume:
            raise RunError(
                "holds a run already",
                where=str(self.path),
                hint="continue it with --resume, or name another folder",
            )
        if file.exists() and (changed := _changed(self.config(), load_settings(settings))):
            raise RunError(
                f"the settings differ from those of the run in {', '.join(changed)}",
                where=str(file),
                hint="resume with the same settings, or name another folder",
            )
        write_text(f"{KEY}: {newest()}\n{settings}", file)


def _changed(old: Any, new: Any, key: str = "") -> list[str]:
    """Dotted keys at which two nested settings differ."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return [] if old == new else [key]
    return [
        changed
        for part in sorted(old.keys() | new.keys())
        for changed in _changed(old.get(part), new.get(part), f"{key}.{part}" if key else part)
    ]
