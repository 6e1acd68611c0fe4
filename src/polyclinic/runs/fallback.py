"""Fallback to the plain way of computing, where a faster one was chosen by itself.

Who asks for a precision gets it or an error. Who leaves the choice to `polyclinic read` gets
readings, whatever goes wrong with a faster way: its graphs can't be made or opened, its runtime
fails on an image, or has no finite answer for one.
"""

from __future__ import annotations

from functools import cached_property, partial
from pathlib import Path
from typing import Any

from polyclinic.console import MessageCallback, PlainConsole, note
from polyclinic.errors import reason
from polyclinic.runs.opening import load
from polyclinic.runtime.engines import ReaderSource
from polyclinic.runtime.exported.describe import describe
from polyclinic.runtime.precision import AS_MADE, backend_of
from polyclinic.runtime.predictors.predictor import FallingBack, Predictor
from polyclinic.runtime.reader import Reader
from polyclinic.runtime.reads import BaseReader


def chosen_source(run: Path, way: str) -> ReaderSource:
    """The reader of a run in a way that was chosen, not asked for; for processes that open it.

    Args:
        run: a run directory, that of a cross-validation, or an exported file.
        way: as `choose_backend` gives it.
    """
    return ReaderSource(path=run, loader=open_or_plain, precision=way)


def open_or_plain(path: Path, precision: str | None) -> BaseReader:
    """As `load`, with the plain reader to fall back to; what goes wrong is said on stderr."""
    return load_or_plain(path, precision, _say)


def load_or_plain(path: Path, precision: str | None, say: MessageCallback) -> BaseReader:
    """The reader of a run in a faster way for as long as that works.

    Args:
        path: a run directory or an exported file.
        precision: the way.
        say: told what goes wrong with it.

    Raises:
        RunError: there is no reader at all.
    """
    if backend_of(precision) == AS_MADE:
        return load(path)
    try:
        fast = load(path, precision=precision)
        networks = networks_of(fast)
    except Exception as error:  # runtimes and exporters have exceptions of all kinds
        plain = load(path)
        say(f"{precision} can't be used, so images are read in {plain.precision}: {reason(error)}")
        return plain
    plain_reader = _Plain(path)
    if fast.precision == str(AS_MADE):
        return fast
    for prefix, network in networks.items():
        opened = partial(plain_reader.predictor, prefix)
        network.predictor = FallingBack(network.predictor, opened, say)
    return fast


def networks_of(reader: BaseReader) -> dict[str, Reader]:
    """The readers of one network that a reader is made of, by what tells them apart.

    Raises:
        RunError: it is of a kind that can't be exported.
    """
    found: dict[str, Reader] = {}

    def keep(one: Reader, prefix: str) -> dict[str, Any]:
        found[prefix] = one
        return {}

    describe(reader, keep)
    return found


class _Plain:
    """The plain reader of a path, opened when it is needed first."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def networks(self) -> dict[str, Reader]:
        return networks_of(load(self.path))

    def predictor(self, prefix: str) -> Predictor:
        return self.networks[prefix].predictor


def _say(text: str) -> None:
    PlainConsole(stderr=True).print(note(text))
