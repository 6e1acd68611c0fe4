"""The main figures of parts of the cases: by site, device, side, sex, age, grade."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.demographics import age_band
from polyclinic.data.patients import MOST_VALUES
from polyclinic.evaluation.leaks import Leak
from polyclinic.metrics.case import Case
from polyclinic.metrics.figure import Figure, Metric
from polyclinic.metrics.jackknife import patient_metrics
from polyclinic.sample import Sample

IDENTITY = ("site", "device", "laterality", "sex")
AGE = "age"
NOT_SAID = "not said"
SEEN = "in training"


@dataclass(frozen=True, kw_only=True)
class Subgroup:
    """The cases that share a value.

    Args:
        attribute: what they share, e.g. `site`.
        value: which value.
        images, patients: how many there are.
        metrics: the main figures of these cases alone, with intervals over their patients.
    """

    attribute: str
    value: str
    images: int
    patients: int
    metrics: tuple[Metric, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return asdict(self)


def subgroups(
    cases: Sequence[Case],
    figures: Sequence[Figure],
    patients: NDArray[np.intp],
    leaks: Sequence[Leak],
) -> tuple[Subgroup, ...]:
    """Split the cases by every attribute that has two to ten values; age goes by bands.

    Where images of the training were found among the cases, the cases with and without them are
    subgroups too.

    Args:
        cases: N.
        figures: the ones to show.
        patients: (N,) the number of each case's patient.
        leaks: images that the training has seen.
    """
    samples = [sample for sample, _ in cases]
    found = []
    for attribute, values in _attributes(samples, leaks):
        for value in sorted(set(values), key=_order):
            member = np.array([one == value for one in values])
            found.append(_subgroup(attribute, value, member, figures, patients))
    return tuple(found)


def _subgroup(
    attribute: str,
    value: str,
    member: NDArray[np.bool_],
    figures: Sequence[Figure],
    patients: NDArray[np.intp],
) -> Subgroup:
    return Subgroup(
        attribute=attribute,
        value=value,
        images=int(member.sum()),
        patients=len(np.unique(patients[member])),
        metrics=tuple(patient_metrics(figures, patients, member=member)),
    )


def _attributes(
    samples: Sequence[Sample], leaks: Sequence[Leak]
) -> Iterator[tuple[str, list[str]]]:
    for name in IDENTITY:
        yield from _if_few(name, [getattr(one, name) for one in samples])
    ages = [None if one.age is None else age_band(one.age) for one in samples]
    yield from _if_few(AGE, ages)
    yield from _if_few("rater", [_rater(one) for one in samples])
    for name in sorted({name for one in samples for name in one.labels}):
        yield from _if_few(name, [one.labels.get(name) for one in samples])
    seen = {leak.image for leak in leaks}
    yield from _if_few(SEEN, ["yes" if one.image_id in seen else "no" for one in samples])


def _rater(sample: Sample) -> str | None:
    """Whose annotation a sample is, where one rater alone is named."""
    return next(iter(sample.raters)) if len(sample.raters) == 1 else None


def _if_few(name: str, values: Sequence[Any]) -> Iterator[tuple[str, list[str]]]:
    said = [NOT_SAID if value is None else str(value) for value in values]
    if 2 <= len(set(said)) <= MOST_VALUES:
        yield name, said


def _order(value: str) -> tuple[bool, float, str]:
    """Numbers by size, then names, then what is not said."""
    try:
        return False, float(value), ""
    except ValueError:
        return value == NOT_SAID, np.inf, value
