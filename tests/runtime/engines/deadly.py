"""Readers that end their process at a certain image, as a fault in a decoder would."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from polyclinic.runs.load import load
from polyclinic.runtime.engines import ReaderSource


def load_plain(path: Path, precision: str | None):
    return load(path)


def source_of(run: Path) -> ReaderSource:
    return ReaderSource(path=run, loader=load_plain)


def deadly_source(folder: Path, run: Path, image: str, times: int) -> ReaderSource:
    """A reader that is killed so many times by an image."""
    path = folder / "deadly.json"
    path.write_text(json.dumps({"run": str(run), "image": image, "times": times}))
    return ReaderSource(path=path, loader=load_deadly)


def load_deadly(path: Path, precision: str | None):
    told = json.loads(path.read_text())
    reader = load(told["run"])
    read_batch = reader.read_batch

    def deadly(samples):
        deaths = list(path.parent.glob("death-*"))
        if any(s.image_id == told["image"] for s in samples) and len(deaths) < told["times"]:
            (path.parent / f"death-{len(deaths)}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return read_batch(samples)

    reader.read_batch = deadly
    return reader


def load_refused(path: Path, precision: str | None):
    """What a worker raises reaches the command as it was."""
    return load(path / "nothing")
