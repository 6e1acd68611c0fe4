"""Which way of computing is fastest for a run on this machine, tried on images to be read."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from polyclinic.atomic import write_json
from polyclinic.console import MessageCallback
from polyclinic.data.grey import Grey
from polyclinic.errors import ImageError, reason
from polyclinic.runs.opening import load
from polyclinic.runtime.choose import Trial, fastest, native_bf16, try_backends
from polyclinic.runtime.exported import is_exported
from polyclinic.runtime.exported.container import Container
from polyclinic.runtime.precision import AS_MADE, INT8, Backend, backend_of
from polyclinic.runtime.reads import loaded
from polyclinic.sample import Sample

CHOICE = "choice.json"
TRIED = 4
WORTH_IT = 40
"""Images from which exporting a run for a faster runtime is worth its time."""


def choose_backend(path: Path, samples: Sequence[Sample], say: MessageCallback) -> Backend:
    """The fastest way that reads as the plain one does.

    A run is tried once a machine, and remembers. A few images are read the plain way, unless a
    faster one is remembered.

    Args:
        path: a run directory or an exported file.
        samples: to be read, without pixels.
        say: told what was tried and what was chosen.
    """
    kept = None if is_exported(path) else _remembered(path)
    if kept is not None:
        say(f"precision: {kept}, as was chosen before")
        return kept
    if len(samples) < WORTH_IT:
        say(f"precision: fp32; nothing faster is looked for below {WORTH_IT} images")
        return AS_MADE
    plain = _plain(path)
    tried = _loadable(samples, load(path, precision=str(plain)).grey)
    try:
        return _tried(path, plain, tried, say)
    except Exception as error:  # exporters and runtimes have exceptions of all kinds
        say(f"precision: {plain}, as nothing faster can be used: {reason(error)}")
        return plain


def _tried(path: Path, plain: Backend, samples: Sequence[Sample], say: MessageCallback) -> Backend:
    """The fastest of the ways that are there, once they were tried on loaded images."""
    ways = _ways(path, plain)
    if not samples or len(ways) == 1:
        say(f"precision: {plain}")
        return plain
    if not is_exported(path):
        _prepare(path, samples[0], say)
    trials = try_backends([(way, partial(load, path, precision=str(way))) for way in ways], samples)
    for trial in trials:
        say(f"tried {trial}")
    chosen = fastest(trials).way
    say(f"precision: {chosen}")
    if not is_exported(path) and all(trial.failure is None for trial in trials):
        try:
            _remember(path, chosen, trials)
        except OSError as error:
            say(f"the choice is not kept: {reason(error)}")
    return chosen


def _prepare(path: Path, first: Sample, say: MessageCallback) -> None:
    from polyclinic.runs.fast import graphs_of, kept_at, kept_graphs

    kept = kept_at(path)
    elsewhere = kept != graphs_of(path)
    where = f", kept in {kept.parent}, as the run can't be written to" if elsewhere else ""
    say(f"preparing graphs for a faster runtime, once{where}")
    kept_graphs(path, first.size)


def _plain(path: Path) -> Backend:
    """As the network was made; what was exported in 8 bit has but one way."""
    if not is_exported(path):
        return AS_MADE
    document = Container(path).document
    return INT8 if "numbers" in document else Backend(document["runtime"], "fp32")


def _ways(path: Path, plain: Backend) -> list[Backend]:
    """The plain one first, then those that may be faster."""
    if plain == INT8:
        return [plain]
    numbers = ["fp32", "bf16"] if native_bf16() else ["fp32"]
    return list(dict.fromkeys([plain, *(Backend("openvino", one) for one in numbers)]))


def _loadable(samples: Sequence[Sample], grey: Grey) -> list[Sample]:
    """A few of the images, spread over all, as a reader sees them."""
    found: list[Sample] = []
    for sample in samples[:: max(1, len(samples) // (2 * TRIED))]:
        try:
            found.append(loaded(sample, grey))
        except ImageError:
            continue
        if len(found) == TRIED:
            break
    return found


def _machine(path: Path) -> dict[str, str]:
    """What a choice holds for."""
    from polyclinic.runs.fast import graphs_of

    return {"graphs": graphs_of(path).name, "cpu": _cpu(), "machine": platform.machine()}


def _cpu() -> str:
    from polyclinic.runtime.predictors.openvino_silent import core

    return str(core().get_property("CPU", "FULL_DEVICE_NAME"))


def _remembered(path: Path) -> Backend | None:
    from polyclinic.runs.fast import kept_at

    try:
        kept = json.loads((kept_at(path).parent / CHOICE).read_text("utf-8"))
        return backend_of(kept["chosen"]) if kept["for"] == _machine(path) else None
    except Exception:  # a damaged file, or a runtime that can't be asked
        return None


def _remember(path: Path, chosen: Backend, trials: Sequence[Trial]) -> None:
    from polyclinic.runs.fast import kept_at

    document = {
        "chosen": str(chosen),
        "for": _machine(path),
        "tried": [str(trial) for trial in trials],
    }
    write_json(document, kept_at(path).parent / CHOICE, indent=1)
