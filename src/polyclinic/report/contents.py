"""What a report shows; everything but the title and the run may be absent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError
from polyclinic.metrics.figure import Metric
from polyclinic.reading.measurement import shown_unit
from polyclinic.report.numbers import interval, number

Limits = tuple[float, float]
Cell = str | int | float | Limits | None

NOTICE = (
    "Not a medical device. These figures describe how a research model performed on the images "
    "named below. They are no diagnosis, and no one should be treated by them."
)
RESTORED_NOTICE = (
    "Restored images are for viewing, not for measuring: what a network has added may never have "
    "been there."
)
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows under named columns; a column of numbers is set flush right.

    Args:
        title: a heading, may be empty.
        columns: names.
        rows: cells; a pair of numbers is an interval, None is shown as a dash.
        note: what a reader must know to understand it.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    def __post_init__(self) -> None:
        """Check that every row has a cell a column."""
        for place, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise DataError(
                    f"row {place} of table {self.title!r} has {len(row)} cells",
                    expected=f"{len(self.columns)}",
                )


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A picture that explains figures.

    Args:
        title: a heading.
        png: the encoded picture, as `polyclinic.report.plots` makes it.
        caption: how to read it.
    """

    title: str
    png: bytes
    caption: str = ""

    def __post_init__(self) -> None:
        """Refuse other formats."""
        if not self.png.startswith(_PNG):
            raise DataError(f"plot {self.title!r} is no PNG", expected="PNG bytes")


@dataclass(frozen=True, eq=False, kw_only=True)
class Overlay:
    """An image with what was found on it.

    Args:
        image: (H, W, 3) RGB bytes, as `polyclinic.reading.draw` makes them.
        caption: which image it is and why it is shown.
    """

    image: NDArray[np.uint8]
    caption: str = ""


@dataclass(frozen=True)
class Message:
    """A remark; a warning is set so that nobody overlooks it."""

    text: str
    level: Literal["note", "warning"] = "note"


@dataclass(frozen=True, kw_only=True)
class Split:
    """How the patients were divided, and what is known about leaks.

    Args:
        table: parts by patients, images, classes; None for data that were not divided.
        messages: remarks and warnings.
    """

    table: Table | None
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Stressed:
    """What is left of the main figures on degraded images.

    Args:
        plots: one a figure.
        table: the same in numbers.
    """

    plots: tuple[Plot, ...]
    table: Table


@dataclass(frozen=True, kw_only=True)
class Run:
    """Where the figures come from.

    Args:
        versions: of the package and of what it stands on, by name.
        date: when the report was made, as text: nothing here looks at a clock.
        seed: of the run; None where there was no run.
        data: name of the data set.
        digest: of the data set.
        config: the resolved configuration, as YAML.
        seconds: wall time of training; None when not known.
        machine: processor or accelerator.
    """

    versions: Mapping[str, str]
    date: str
    seed: int | None
    data: str
    digest: str = ""
    config: str = ""
    seconds: float | None = None
    machine: str = ""


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command to go on with, and what it does."""

    line: str
    does: str


@dataclass(frozen=True, eq=False, kw_only=True)
class ReportContents:
    """Everything a report shows, for any recipe. What is empty is left out.

    Args:
        title: of the report.
        recipe: that trained the model.
        run: where the figures come from.
        notice: set in a box at the top of the first page.
        headline: the few figures that matter most.
        comparison: with a second reader.
        tables: all figures.
        folds: the main figures of each fold.
        subgroups: the main figures of parts of the images.
        stress: the main figures on degraded images.
        plots: what explains them.
        overlays: images with readings.
        restored: images before and after restoration.
        split: how the patients were divided.
        log: rows of `log.jsonl`, see `polyclinic.report.plots.training_curves`.
        measurements: summary of what was measured.
        patients: one row a patient.
        cases: one row an image.
        commands: what to do next.
    """

    title: str
    recipe: str
    run: Run
    notice: str = NOTICE
    headline: tuple[Metric, ...] = ()
    comparison: Table | None = None
    tables: tuple[Table, ...] = ()
    folds: Table | None = None
    subgroups: tuple[Table, ...] = ()
    stress: Stressed | None = None
    plots: tuple[Plot, ...] = ()
    overlays: tuple[Overlay, ...] = ()
    restored: tuple[Overlay, ...] = ()
    split: Split | None = None
    log: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    measurements: Table | None = None
    patients: Table | None = None
    cases: Table | None = None
    commands: tuple[Command, ...] = ()


def metric_table(title: str, metrics: Sequence[Metric], *, note: str = "") -> Table:
    """Figures as a table with intervals, baselines, what they leave out, settings and meanings."""
    return Table(
        title=title,
        columns=(
            *("figure", "value", "unit", "95 % interval", "median (quartiles)", "baseline"),
            *("n", "left out", "setting", "meaning"),
        ),
        rows=tuple(
            (
                one.name,
                one.value,
                shown_unit(one.unit),
                limits(one.lower, one.upper),
                spread(one),
                one.baseline,
                one.cases,
                one.left_out,
                one.setting,
                "; ".join(part for part in (one.meaning, one.note) if part),
            )
            for one in metrics
        ),
        note=note,
    )


def spread(metric: Metric) -> str:
    """Median and quartiles of what a mean is the mean of, as one cell; empty for other figures."""
    if not metric.quartiles:
        return ""
    low, middle, high = metric.quartiles
    return f"{number(middle)} ({interval((low, high))})"


def limits(lower: float | None, upper: float | None) -> Limits | None:
    """Both ends of an interval as a cell; None where either is not known."""
    return None if lower is None or upper is None else (lower, upper)


def with_interval(metric: Metric) -> str:
    """Value and interval as one cell."""
    ends = limits(metric.lower, metric.upper)
    return number(metric.value) + ("" if ends is None else f" ({interval(ends)})")
