"""Readers of runs whose convolutions are computed in 8 bit, kept only where they read as well.

Ranges are learnt on training images; what is lost is judged on the validation part. Test patients
are never looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from polyclinic.data import Cohort
from polyclinic.errors import RunError
from polyclinic.geometry import Size
from polyclinic.runs.fast import graphs_of, kept_graphs
from polyclinic.runs.folds_directory import is_folds_run
from polyclinic.runs.lost import Lost, what_is_lost
from polyclinic.runs.own_data import OwnData
from polyclinic.runtime.export.quantise import quantise
from polyclinic.runtime.export.to_onnx import WHOLE
from polyclinic.runtime.exported import open_exported
from polyclinic.runtime.exported.container import Container, write_container
from polyclinic.runtime.exported.opening import Recording, open_container, session_in
from polyclinic.runtime.precision import INT8
from polyclinic.runtime.reads import BaseReader, loaded

MOST_LOST = 0.01
"""Share of the figure by which weights were chosen."""
IMAGES = 48
"""Training images that ranges are learnt from."""
RUNS = 64
"""Of each graph, on them."""


def quantised_reader(run: Path) -> BaseReader:
    """The reader of a run in 8 bit, as it was kept.

    Raises:
        RunError: none was made of the run as it is.
    """
    path = quantised_graphs(run)
    if not path.exists():
        raise RunError(
            "has no graphs in int8, or has changed since they were made",
            where=str(run),
            hint=f"make them with `polyclinic export {run} --to onnx --precision int8 --data DATA`",
        )
    return open_exported(path)


def quantised_graphs(run: Path) -> Path:
    """Where the graphs of a run in 8 bit are kept."""
    plain = graphs_of(run)
    return plain.with_name(f"{plain.stem}-{INT8.precision}{plain.suffix}")


def quantise_run(
    run: Path,
    data: Path,
    *,
    size: Size | None = None,
    most_lost: float = MOST_LOST,
    images: int = IMAGES,
) -> tuple[Path, Lost]:
    """Make and keep the graphs of a run in 8 bit.

    Args:
        run: its directory.
        data: the data set that it was trained on.
        size: (height, width) of images, for encoders whose graphs take one size.
        most_lost: share of the figure by which weights were chosen that may be lost.
        images: training images that ranges are learnt from.

    Returns:
        The file, and what is lost.

    Raises:
        RunError: too much is lost, the data are not those of the training, or the run is a
            cross-validation.
    """
    if is_folds_run(run):
        raise RunError(
            "is a cross-validation, of which no part was kept to judge all folds by",
            where=str(run),
            hint="export one of its folds in int8, or all of them in fp32",
        )
    own = OwnData.of_run(run, data)
    plain = kept_graphs(run, size)
    members = _quantised(Container(plain), own.cohort, own.some_of_training(images))
    path = quantised_graphs(run)
    candidate = path.with_name(f".{path.name}")
    document = Container(plain).document | {"numbers": INT8.precision}
    try:
        write_container(candidate, document, members)
        lost = what_is_lost(run, own, open_exported(plain), open_exported(candidate))
    finally:
        candidate.unlink(missing_ok=True)
    lost.refuse(most_lost, where=str(run))
    return write_container(path, document | {"judged": asdict(lost)}, members), lost


def _quantised(plain: Container, cohort: Cohort, rows: Sequence[int]) -> dict[str, bytes]:
    """All graphs of a file; those of whole images in 8 bit."""
    recording = Recording(session_in(plain, "onnxruntime", "fp32"), RUNS)
    reader = open_container(plain, recording, str(INT8)).with_candidates()
    for row in rows:
        reader.read_batch([loaded(cohort.samples[row], reader.grey)])
    members = {}
    for name, feeds in recording.feeds.items():
        graph = plain.graph(f"{name}.onnx")
        members[f"{name}.onnx"] = quantise(graph, feeds) if name.endswith(WHOLE) else graph
    return members
