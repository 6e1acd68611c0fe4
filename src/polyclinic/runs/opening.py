"""From whatever `polyclinic read` is given to a reader: a run, or an exported file.

Exported files are opened without importing torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from polyclinic.errors import RunError
from polyclinic.runtime.engines import ReaderSource
from polyclinic.runtime.exported import is_exported, open_exported, open_quantised
from polyclinic.runtime.precision import AS_MADE, INT8, Backend, backend_of
from polyclinic.runtime.reads import BaseReader
from polyclinic.trusted import trust as trust_modules


def load(
    path: str | Path, *, precision: str | None = None, trust: Sequence[str] = ()
) -> BaseReader:
    """The reader of a run directory, of a cross-validation, or of an exported file.

    Args:
        path: of it.
        precision: `fp32`, `bf16`, `int8`, or a way that `polyclinic read` has chosen, such as
            `openvino bf16`; None: as the network was trained, or exported.
        trust: modules whose code the path may name besides that of installed packages; they are
            trusted until this process ends.

    Raises:
        RunError: there is no reader, it is not finished or of another version, or it names code
            that is neither installed nor trusted.
        ConfigError: it can't compute so.
    """
    trust_modules(*([trust] if isinstance(trust, str) else trust))
    path, way = Path(path), backend_of(precision)
    if is_exported(path):
        return _exported(path, way)
    if way == INT8:
        from polyclinic.runs.quantised import quantised_reader

        return quantised_reader(path)
    if way.runtime == "openvino":
        from polyclinic.runs.fast import fast_reader

        return fast_reader(path, way.precision)
    if way.runtime == "onnxruntime":
        from polyclinic.runs.fast import kept_graphs

        return open_exported(kept_graphs(path))
    from polyclinic.runs.load import load as load_run

    return load_run(path)


def check_reader(path: Path) -> None:
    """Make sure, without opening it, that a path may hold a reader.

    Raises:
        RunError: it can't.
    """
    runs = ("config.yaml", "folds.json")
    if not (is_exported(path) or any((path / name).is_file() for name in runs)):
        raise RunError(
            "is not a run",
            expected="a folder with a config.yaml, or a file that polyclinic export wrote",
            where=str(path),
        )


def _exported(path: Path, way: Backend) -> BaseReader:
    if way == AS_MADE:
        return open_exported(path)
    if way == INT8:
        return open_quantised(path)
    runtime = "openvino" if way.precision == "bf16" else None
    return open_exported(
        path,
        runtime=runtime if way.runtime == "torch" else way.runtime,
        precision=way.precision,
    )


def source_of(run: Path, precision: str | None = None) -> ReaderSource:
    """The reader of a run, for processes that each open it.

    Args:
        run: a run directory, that of a cross-validation, or an exported file.
        precision: in which it computes; None leaves it to `load`.
    """
    return ReaderSource(path=run, loader=open_reader, precision=precision)


def open_reader(path: Path, precision: str | None) -> BaseReader:
    """As `load`, in the form that `ReaderSource` asks for."""
    return load(path, precision=precision)
