"""Two readers on the same cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError
from polyclinic.evaluation.subject import Subject
from polyclinic.metrics.figure import Better, Figure
from polyclinic.metrics.intervals import Interval
from polyclinic.metrics.jackknife import difference_intervals

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
        verdict: `first`, `second`, or "" where the interval holds 0 or neither way is good.
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
    method: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two readers, figure by figure, on the cases that both were judged on."""

    first: str
    second: str
    images: int
    differences: tuple[Difference, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return asdict(self)


def compare(first: Subject, second: Subject, judged: Callable[[Subject], Evaluation]) -> Evaluation:
    """Judge the first reader, and set the second beside it.

    Only images that are in the judged part of both are used, so that neither is judged on images
    that it was trained on.

    Raises:
        DataError: there are no such images.
    """
    shared = {s.image_id for s, _ in first.cases} & {s.image_id for s, _ in second.cases}
    if not shared:
        raise DataError(
            f"no image is unseen by both {first.name} and {second.name}",
            expected="runs with the same split",
            hint="train both with --set data.split=RUN/split.json, or give other data",
        )
    left = judged(restricted(first, shared))
    right = judged(restricted(second, shared))
    comparison = Comparison(
        first=first.name,
        second=second.name if second.name != first.name else f"{second.name} (2)",
        images=len(shared),
        differences=tuple(differences(left.figures, right.figures, left.patients)),
    )
    return replace(left, comparison=comparison)


def restricted(subject: Subject, images: set[int | str]) -> Subject:
    """The subject with some of its images, in the order of their ids."""
    kept = [row for row, (sample, _) in enumerate(subject.cases) if sample.image_id in images]
    kept.sort(key=lambda row: str(subject.cases[row][0].image_id))
    folds = None if subject.folds is None else subject.folds[kept]
    return replace(subject, cases=[subject.cases[row] for row in kept], folds=folds)


def differences(
    first: Sequence[Figure], second: Sequence[Figure], patients: NDArray[np.intp]
) -> list[Difference]:
    """Figures that both readers have, subtracted under the same weights."""
    named = {figure.name: figure for figure in second}
    pairs = [(figure, named[figure.name]) for figure in first if figure.name in named]
    intervals = difference_intervals(pairs, patients)
    ones = np.ones(len(patients))
    return [
        _row(a, a.value(ones), b.value(ones), interval)
        for (a, b), interval in zip(pairs, intervals, strict=True)
    ]


def _row(
    figure: Figure, first: float | None, second: float | None, interval: Interval
) -> Difference:
    difference = None
    if first is not None and second is not None:
        both = (abs(first), abs(second)) if figure.better == "zero" else (first, second)
        difference = both[1] - both[0]
    return Difference(
        name=figure.name,
        unit=figure.unit,
        group=figure.group,
        better=figure.better,
        first=first,
        second=second,
        difference=difference,
        lower=interval.lower,
        upper=interval.upper,
        method=interval.method,
        note=interval.why,
        verdict=_verdict(figure.better, interval.lower, interval.upper),
    )


def _verdict(better: Better | None, lower: float | None, upper: float | None) -> str:
    if better is None or lower is None or upper is None or lower <= 0 <= upper:
        return ""
    rises = lower > 0
    return "second" if rises == (better == "higher") else "first"
