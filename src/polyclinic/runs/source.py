"""How engines get the reader of a run."""

from __future__ import annotations

from pathlib import Path

from polyclinic.runs.opening import load
from polyclinic.runtime.engines import ReaderSource
from polyclinic.runtime.reads import Reads


def source_of(run: Path, precision: str | None = None) -> ReaderSource:
    """The reader of a run, for processes that each open it.

    Args:
        run: a run directory, that of a cross-validation, or an exported file.
        precision: in which it computes; None leaves it to `load`.
    """
    return ReaderSource(path=run, loader=open_reader, precision=precision)


def open_reader(path: Path, precision: str | None) -> Reads:
    """As `load`, in the form that `ReaderSource` asks for."""
    return load(path, precision=precision)
