"""Annotated knees beside the finds of their side, wherever those lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.case import Case, annotated, class_names, found, instance_cases, score_of
from polyclinic.metrics.figure import Values
from polyclinic.metrics.matching import Match, MatchedCase
from polyclinic.metrics.radial_error import radial_errors
from polyclinic.sample import Instance
from polyclinic.schema import LandmarkSchema
from polyclinic.schema.knee import ABSENT, IMPLANT, KNEE, KNEE_CLASSES, KNEE_LANDMARKS, NATIVE


@dataclass(frozen=True, eq=False)
class KneePair:
    """One side of one film that was annotated and looked at.

    Args:
        row: the position of the film among the cases.
        true: the annotated knee; None where this side shows none.
        read: the surest find of this side; None where there is none.
        opened: whether the film could be read.
    """

    row: int
    true: Instance | None
    read: Instance | None
    opened: bool = True

    @property
    def annotated(self) -> str:
        """`native`, `implant` or `absent`; a knee without that label is native."""
        return _kind(self.true)

    @property
    def found(self) -> str:
        """The same as it was read; nothing of a film that could not be."""
        return _kind(self.read) if self.opened else ""


def knee_pairs(cases: Sequence[Case], accept: float) -> list[KneePair]:
    """Pair by side instead of by overlap: a film shows at most one right and one left knee.

    So a find that is far off counts with its error. Of several finds of one side the surest is
    taken; one whose label `knee` is `absent` is none. On a film that could not be opened nothing
    was found.

    Args:
        cases: N samples with readings that hold every candidate.
        accept: the score from which on a find exists.
    """
    looked = {id(case) for case in instance_cases(cases)}
    classes = class_names(cases)
    sides = [classes.index(name) for name in KNEE_CLASSES if name in classes]
    return [
        KneePair(
            row,
            _surest(annotated(case), side),
            _surest(_accepted(case, accept), side),
            case[1].error is None,
        )
        for row, case in enumerate(cases)
        if id(case) in looked
        for side in sides
    ]


@dataclass(frozen=True, eq=False, kw_only=True)
class KneeErrors:
    """One row an annotated native knee of a film with a known scale, one column a landmark.

    Args:
        rows: (M,) the position of each knee's film among the cases.
        labelled: (M, 16) whether the landmark was annotated, in the order of `KNEE_LANDMARKS`.
        mm: (M, 16) distances; NaN where not annotated, and everywhere in a knee that was not
            found.
        grades: (M,) the label `kl` of each knee as text; empty where it has none.
    """

    rows: NDArray[np.intp]
    labelled: NDArray[np.bool_]
    mm: Values
    grades: NDArray[np.str_]

    def __len__(self) -> int:
        """M."""
        return len(self.rows)

    @property
    def homes(self) -> NDArray[np.intp]:
        """(M, 16) `rows` of each landmark."""
        return np.broadcast_to(self.rows[:, None], self.labelled.shape)


def knee_errors(
    cases: Sequence[Case], pairs: Sequence[KneePair], schema: LandmarkSchema
) -> KneeErrors:
    """Distances of found from annotated landmarks of native knees, in mm.

    A knee counts as found when its side has a find that is not called an implant. Films
    without a known scale are left out.

    Args:
        cases: N samples with readings.
        pairs: their knees.
        schema: of the readings; it holds the landmarks of the knee, in any order.

    Raises:
        DataError: an instance has another number of landmarks than the schema.
    """
    knees = [
        one
        for one in pairs
        if one.true is not None and one.annotated == NATIVE and one.true.has_visible_landmarks
    ]
    errors = radial_errors([_matched(cases[one.row], one) for one in knees], schema)
    order = [schema.index(name) for name in KNEE_LANDMARKS.names]
    of = errors.rows[errors.scaled]
    return KneeErrors(
        rows=np.array([one.row for one in knees], np.intp)[of],
        labelled=errors.labelled[errors.scaled][:, order],
        mm=errors.um[errors.scaled][:, order] / 1e3,
        grades=np.array([_text(one.true) for one in knees], np.str_)[of],
    )


def _matched(case: Case, pair: KneePair) -> MatchedCase:
    """A film with one knee alone; one that was not found stands as one without landmarks."""
    assert pair.true is not None
    read = pair.read
    if read is None or pair.found != NATIVE:
        read = Instance(box=pair.true.box)
    sample, reading = case
    alone = (
        replace(sample, instances=(pair.true,)),
        replace(reading, instances=(read,), measurements=()),
    )
    return MatchedCase(alone, Match(pairs=((0, 0),), missed=(), spurious=(), ignored=()))


def _accepted(case: Case, accept: float) -> list[Instance]:
    return [
        one for one in found(case) if score_of(one) >= accept and one.labels.get(KNEE) != ABSENT
    ]


def _surest(instances: Sequence[Instance], side: int) -> Instance | None:
    of_side = [one for one in instances if one.category == side and not one.crowd]
    return max(of_side, key=score_of, default=None)


def _kind(one: Instance | None) -> str:
    if one is None:
        return ABSENT
    return IMPLANT if one.labels.get(KNEE) == IMPLANT else NATIVE


def _text(one: Instance | None) -> str:
    grade: Any = "" if one is None else one.labels.get("kl", "")
    return f"{grade:g}" if isinstance(grade, int | float) else str(grade)
