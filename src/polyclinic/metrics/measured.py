"""Measurements as they were read, beside those made by the same formula on the annotation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError
from polyclinic.metrics.case import Case
from polyclinic.metrics.doubt import image_doubt, instance_doubt
from polyclinic.metrics.matching import Match, match_cases
from polyclinic.reading import Measurement, Reading
from polyclinic.sample import Sample
from polyclinic.schema import LandmarkSchema

WHOLE_IMAGE = -1
MISSED = -2
IN_PIXELS = frozenset({"px", "px2"})

_Key = tuple[str, str]
_Measured = Mapping[_Key, Measurement]
_Known = Callable[[_Key], float | None]
_Numbers = tuple[float | None, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class MeasuredPairs:
    """One quantity in one unit: M values read, each beside the true one.

    Args:
        name, unit: of the measurement.
        rows: (M,) the case of each pair.
        instance: (M,) row in `Reading.instances`, `WHOLE_IMAGE` where the image was measured,
            `MISSED` where an annotated instance was not found.
        found: (M,) value read; NaN where it was not made: the reader said why not, gave none,
            missed the instance or could not read the image.
        true: (M,) value of the annotation, always a number.
        lower, upper: (M,) interval of the value read; NaN where it has none, and `lower` alone
            where the interval begins at the end of what can be.
        doubt: (M,) how unsure the reader was, 0 to 1; NaN where nothing is known.
    """

    name: str
    unit: str
    rows: NDArray[np.intp]
    instance: NDArray[np.intp]
    found: NDArray[np.float64]
    true: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    doubt: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.rows)

    @property
    def error(self) -> NDArray[np.float64]:
        """(M,) absolute difference; NaN where nothing was read."""
        return np.abs(self.found - self.true)


def truth_reading(
    sample: Sample, classes: tuple[str, ...], schema: LandmarkSchema | None
) -> Reading:
    """An annotated sample as a perfect reader would read it, to be measured like any reading.

    Args:
        sample: its instances keep their rows and get a score of 1; its own spacing is used, so
            give it that of the reading first where only the reader was told one.
        classes: names that `Instance.category` points into.
        schema: names of the landmark rows; without it landmarks are left out.
    """
    instances = sample.instances if sample.objects_complete else None
    if instances is not None:
        instances = tuple(
            replace(one, score=1.0, landmarks=None if schema is None else one.landmarks)
            for one in instances
        )
    return Reading(
        image_id=sample.image_id,
        size=sample.size,
        file=sample.file,
        patient_id=sample.patient_id,
        spacing=sample.spacing,
        classes=classes,
        landmark_schema=schema,
        instances=instances,
    )


def measured_pairs(
    cases: Sequence[Case], truths: Sequence[Sequence[Measurement]], accept: float
) -> list[MeasuredPairs]:
    """Pairs of values of the same name and unit, one group each, in order of appearance.

    Measurements of an instance are paired where it is a hit, whatever its class; those of the
    whole image by name. Values of different units are never compared. What could be measured on
    the annotation and was not read, since the instance was missed or the image is unreadable,
    stands as a pair without a value read: it is *not made*, and never left out in silence.

    A number in `Sample.labels` under the name of a measurement is an official value and replaces
    the one made from the annotation: that of the whole image, or of the only annotated instance
    that such a measurement was made on. **It is taken to be in the unit of the measurement**, so
    the label must be given in that unit. Values read in pixels are not compared with it: they
    are what is left where a scale is missing.

    Args:
        cases: N samples with readings whose measurements are filled in.
        truths: N lists: measurements made on the annotation (see `truth_reading`); their
            `instance` is a row of `Sample.instances`.
        accept: the score from which on a candidate counts as found.

    Raises:
        DataError: there is not one list of true measurements for each case.
    """
    if len(truths) != len(cases):
        raise DataError(
            f"{len(truths)} lists of true measurements stand beside {len(cases)} cases",
            expected="one for each case",
        )
    place = {id(case): row for row, case in enumerate(cases)}
    matched = match_cases(cases, by_class=False, min_score=accept)
    matches = {place[id(one.case)]: one.match for one in matched}
    asked = {
        (one.name, one.unit): None
        for _, reading in cases
        for one in reading.measurements
        if one.instance is None
    }
    groups: dict[_Key, list[_Numbers]] = {}
    for row, (case, truth) in enumerate(zip(cases, truths, strict=True)):
        for key, numbers in _case_pairs(case, truth, matches.get(row), accept, asked):
            groups.setdefault(key, []).append((row, *numbers))
    return [_group(key, pairs) for key, pairs in groups.items()]


def _case_pairs(
    case: Case,
    truth: Sequence[Measurement],
    match: Match | None,
    accept: float,
    asked: Iterable[_Key],
) -> Iterator[tuple[_Key, _Numbers]]:
    """Pairs of the whole image, then of each hit and of each instance that was missed."""
    sample, reading = case
    true, read = _by_instance(truth), _by_instance(reading.measurements)
    whole = image_doubt(reading, accept)
    known, keys = _known(true, None, sample), {**true.get(None, {}), **dict.fromkeys(asked)}
    yield from _pairs(read.get(None, {}), known, keys, WHOLE_IMAGE, whole)
    if match is None:
        return
    for annotated, found in match.pairs:
        doubt = instance_doubt((reading.instances or ())[found])
        known = _known(true, annotated, sample)
        yield from _pairs(read.get(found, {}), known, true.get(annotated, {}), found, doubt)
    for annotated in match.missed:
        known = _known(true, annotated, sample)
        yield from _pairs({}, known, true.get(annotated, {}), MISSED, np.nan)


def _pairs(
    read: _Measured, known: _Known, keys: Iterable[_Key], found: int, doubt: float
) -> Iterator[tuple[_Key, _Numbers]]:
    """What was read beside what is known, then what is known and was not read in any unit."""
    for key, one in read.items():
        value = known(key)
        if value is not None:
            yield key, (found, one.value, value, one.lower, one.upper, doubt)
    told = _names(read)
    for key in keys:
        value = None if key[0] in told else known(key)
        if value is not None:
            told.add(key[0])
            yield key, (found, None, value, None, None, np.nan)


def _known(true: Mapping[int | None, _Measured], row: int | None, sample: Sample) -> _Known:
    """What is known of an annotated instance, or of the image: by name and unit, else None."""
    here = true.get(row, {})
    official = {name: float(v) for name, v in sample.labels.items() if _is_number(v)}
    if row is not None and official:
        held = Counter(
            name for one, keys in true.items() if one is not None for name in _names(keys)
        )
        official = {n: v for n, v in official.items() if n in _names(here) and held[n] == 1}

    def value(key: _Key) -> float | None:
        name, unit = key
        if name in official and unit not in IN_PIXELS:
            return official[name]
        return here[key].value if key in here else None

    return value


def _names(measured: Iterable[_Key]) -> set[str]:
    return {name for name, _ in measured}


def _by_instance(measurements: Iterable[Measurement]) -> dict[int | None, dict[_Key, Measurement]]:
    """Measurements by the row that they belong to; None is the whole image."""
    found: dict[int | None, dict[_Key, Measurement]] = {}
    for one in measurements:
        found.setdefault(one.instance, {}).setdefault((one.name, one.unit), one)
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(value)


def _group(key: _Key, pairs: Sequence[_Numbers]) -> MeasuredPairs:
    # None becomes NaN
    rows, instance, found, true, lower, upper, doubt = np.array(pairs, float).T
    return MeasuredPairs(
        name=key[0],
        unit=key[1],
        rows=rows.astype(np.intp),
        instance=instance.astype(np.intp),
        found=found,
        true=true,
        lower=lower,
        upper=upper,
        doubt=doubt,
    )
