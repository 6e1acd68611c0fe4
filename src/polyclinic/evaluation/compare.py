"""Two readers on the same cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError
from polyclinic.evaluation.subject import Subject
from polyclinic.metrics.bootstrap import patient_intervals
from polyclinic.metrics.figure import Better, Figure, Values, Weighted
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
        lower, upper: 95 % interval of the difference, both readers on the same drawn patients.
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
    comparison = Comparison(
        first=first.name,
        second=second.name if second.name != first.name else f"{second.name} (2)",
        images=len(shared),
        differences=tuple(differences(left.figures, right.figures, left.patients)),
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
    intervals = patient_intervals(
        [_difference(a, b) for a, b in pairs],
        patients,
        draws=[min(a.draws, b.draws) for a, b in pairs],
    )
    ones = np.ones(len(patients))
    return [
        _row(a, a.value(ones), b.value(ones), interval.lower, interval.upper)
        for (a, b), interval in zip(pairs, intervals, strict=True)
    ]


def _difference(first: Figure, second: Figure) -> Weighted:
    def weighted(weights: Values) -> Values:
        if first.better == "zero":
            return np.abs(second.weighted(weights)) - np.abs(first.weighted(weights))
        return second.weighted(weights) - first.weighted(weights)

    return weighted


def _row(
    figure: Figure,
    first: float | None,
    second: float | None,
    lower: float | None,
    upper: float | None,
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
        lower=lower,
        upper=upper,
        verdict=_verdict(figure.better, lower, upper),
    )


def _verdict(better: Better | None, lower: float | None, upper: float | None) -> str:
    if better is None or lower is None or upper is None or lower <= 0 <= upper:
        return ""
    rises = lower > 0
    return "second" if rises == (better == "higher") else "first"
