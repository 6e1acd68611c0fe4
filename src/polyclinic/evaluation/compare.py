"""Two readers on the same cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError
from polyclinic.evaluation.subject import Subject
from polyclinic.metrics.figure import Better, Figure, Metric
from polyclinic.metrics.intervals import Interval
from polyclinic.metrics.jackknife import difference_intervals
from polyclinic.reading import Reading
from polyclinic.sample import Sample

if TYPE_CHECKING:
    from polyclinic.evaluation.evaluate import Evaluation


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One figure of both readers.

    Args:
        name, unit, group, better: of the figure.
        first, second: its values.
        difference: second - first.
        lower, upper: 95 % interval of the difference, both readers over the same patients.
        method: how the interval was made.
        note: why there is none.
        verdict: `first`, `second`, or "" where the interval holds 0, where neither way is good, or
            where the better one left out more of what it was asked.
        role: `primary` for the one figure that was declared beforehand, else `secondary`.
        left_out: by each reader, see `Metric.left_out`.
    """

    name: str
    unit: str
    group: str
    better: Better | None
    first: float | None
    second: float | None
    difference: float | None
    lower: float | None
    upper: float | None
    verdict: str
    role: Literal["primary", "secondary"] = "secondary"
    left_out: tuple[int, int] = (0, 0)
    method: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two readers, figure by figure, on the cases that both were judged on.

    Args:
        first, second: their names.
        images: that both were judged on.
        unread: how many of them each could not read.
        primary: the figure that the first reader's recipe names first among its main ones, and
            that both have; of stored readings the first figure. The others are secondary.
        differences: the primary one first.
    """

    first: str
    second: str
    images: int
    unread: tuple[int, int]
    primary: str
    differences: tuple[Difference, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return asdict(self)


def compare(first: Subject, second: Subject, judged: Callable[[Subject], Evaluation]) -> Evaluation:
    """Judge the first reader, and set the second beside it.

    Only images that are in the judged part of both are used, so that neither is judged on images
    that it was trained on.

    Raises:
        DataError: there are no such images, or one of the two does not read everything that is
            annotated on them.
    """
    shared = {s.image_id for s, _ in first.cases} & {s.image_id for s, _ in second.cases}
    if not shared:
        raise DataError(
            f"no image is unseen by both {first.name} and {second.name}",
            expected="runs with the same split",
            hint="train both with --set data.split=RUN/split.json, or give other data",
        )
    _refuse_other_truth(restricted(first, shared), restricted(second, shared))
    left = judged(restricted(first, shared))
    right = judged(restricted(second, shared))
    primary = _primary(left.subject.headline(left.figures), right.figures)
    comparison = Comparison(
        first=first.name,
        second=second.name if second.name != first.name else f"{second.name} (2)",
        images=len(shared),
        unread=(_unread(left), _unread(right)),
        primary=primary,
        differences=tuple(differences(left.figures, right.figures, left.patients, primary)),
    )
    return replace(left, comparison=comparison)


def _refuse_other_truth(first: Subject, second: Subject) -> None:
    """Make sure that two readers are asked for the same: what one does not read is not judged."""
    for (one, reading), (other, second_reading) in zip(first.cases, second.cases, strict=True):
        asked = _asked(one, reading), _asked(other, second_reading)
        if any(None not in both and both[0] != both[1] for both in zip(*asked, strict=True)):
            raise DataError(
                f"{first.name} and {second.name} do not read the same classes, landmarks or "
                "values, so that their figures would be of different things",
                expected="readers of the same names",
                where=one.file or str(one.image_id),
                hint="train both on the same split, or give data that hold only what both read",
            )


def _asked(sample: Sample, reading: Reading) -> tuple[Counter[str] | None, ...]:
    """The classes, landmarks and labels that are judged of an image, by name.

    None for a kind that the reader does not read, or where it did not even open the image.
    """
    objects = [one for one in sample.instances or () if not one.crowd]
    schema, names = reading.landmark_schema, reading.classes
    classes = Counter(names[one.category] for one in objects if names and one.category is not None)
    points = Counter(
        name
        for one in objects
        if schema is not None and one.landmarks is not None
        for name, seen in zip(schema.names, one.landmarks[:, 2], strict=True)
        if seen
    )
    labels = Counter(name for name in sample.labels if name in reading.findings)
    read = reading.error is None
    return (
        classes if read and reading.instances is not None else None,
        points if read and schema is not None else None,
        labels if read and reading.findings else None,
    )


def _primary(main: Sequence[str], others: Sequence[Figure]) -> str:
    shared = {figure.name for figure in others}
    return next((name for name in main if name in shared), "")


def _unread(evaluation: Evaluation) -> int:
    return sum(reading.error is not None for _, reading in evaluation.subject.cases)


def restricted(subject: Subject, images: set[int | str]) -> Subject:
    """The subject with some of its images, in the order of their ids."""
    kept = [row for row, (sample, _) in enumerate(subject.cases) if sample.image_id in images]
    kept.sort(key=lambda row: str(subject.cases[row][0].image_id))
    folds = None if subject.folds is None else subject.folds[kept]
    return replace(subject, cases=[subject.cases[row] for row in kept], folds=folds)


def differences(
    first: Sequence[Figure],
    second: Sequence[Figure],
    patients: NDArray[np.intp],
    primary: str = "",
) -> list[Difference]:
    """Figures that both readers have, subtracted under the same weights; the primary one first."""
    first = sorted(first, key=lambda figure: figure.name != primary)
    named = {figure.name: figure for figure in second}
    pairs = [(figure, named[figure.name]) for figure in first if figure.name in named]
    intervals = difference_intervals(pairs, patients)
    ones = np.ones(len(patients))
    return [
        _row(a.metric(ones, None, None), b.metric(ones, None, None), a.better, interval, primary)
        for (a, b), interval in zip(pairs, intervals, strict=True)
    ]


def _row(
    first: Metric, second: Metric, better: Better | None, interval: Interval, primary: str
) -> Difference:
    difference = None
    if first.value is not None and second.value is not None:
        values = first.value, second.value
        both = (abs(values[0]), abs(values[1])) if better == "zero" else values
        difference = both[1] - both[0]
    left_out = first.left_out, second.left_out
    return Difference(
        name=first.name,
        unit=first.unit,
        group=first.group,
        better=better,
        first=first.value,
        second=second.value,
        difference=difference,
        lower=interval.lower,
        upper=interval.upper,
        method=interval.method,
        note=interval.why,
        verdict=_verdict(better, interval, left_out),
        role="primary" if first.name == primary else "secondary",
        left_out=left_out,
    )


def _verdict(better: Better | None, interval: Interval, left_out: tuple[int, int]) -> str:
    lower, upper = interval.lower, interval.upper
    if better is None or lower is None or upper is None or lower <= 0 <= upper:
        return ""
    is_second = (lower > 0) == (better == "higher")
    if left_out[is_second] > left_out[not is_second]:
        return ""  # it was judged on less than the other
    return "second" if is_second else "first"
