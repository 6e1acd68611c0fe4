"""Which masks of a case are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from polyclinic.metrics.case import Case, annotated, found, instance_cases, score_of
from polyclinic.metrics.segmentation.union import Unions
from polyclinic.sample import Instance


@dataclass(frozen=True, eq=False, kw_only=True)
class MaskedCase:
    """The masked instances of an image.

    Args:
        place: the number of its case.
        case: sample and reading.
        true: annotated ones, crowds apart.
        read: found ones with an accepted score.
        crowds: regions of uncounted objects, whose pixels count on neither side.
    """

    place: int
    case: Case
    true: tuple[Instance, ...]
    read: tuple[Instance, ...]
    crowds: tuple[Instance, ...]

    def of_class(self, category: int) -> MaskedCase:
        """Those of a class alone; itself when it holds no other.

        A crowd without a class may hold objects of every class.
        """
        true = tuple(one for one in self.true if one.category == category)
        read = tuple(one for one in self.read if one.category == category)
        crowds = tuple(one for one in self.crowds if one.category in (category, None))
        if (true, read, crowds) == (self.true, self.read, self.crowds):
            return self
        return replace(self, true=true, read=read, crowds=crowds)

    def unions(self) -> Unions:
        """Both sides painted."""
        true, read, crowds = (
            [one.mask for one in side if one.mask is not None]
            for side in (self.true, self.read, self.crowds)
        )
        return Unions.of(true, read, crowds)


def masked_cases(cases: Sequence[Case], accept: float) -> list[MaskedCase]:
    """The cases in which every annotated instance has a mask.

    Empty when nobody annotated a mask, or when instances are found but never one with a mask:
    that reader does not read masks.

    Args:
        cases: samples with readings.
        accept: score from which on a found instance counts.
    """
    looked = [
        _masked(place, case, accept)
        for place, case in enumerate(cases)
        if instance_cases([case]) and all(one.mask is not None for one in annotated(case))
    ]
    candidates = [one for case in cases for one in found(case)]
    read = not candidates or any(one.mask is not None for one in candidates)
    return looked if read and any(one.true for one in looked) else []


def _masked(place: int, case: Case, accept: float) -> MaskedCase:
    true = annotated(case)
    return MaskedCase(
        place=place,
        case=case,
        true=tuple(one for one in true if not one.crowd),
        read=tuple(one for one in found(case) if one.mask is not None and score_of(one) >= accept),
        crowds=tuple(one for one in true if one.crowd),
    )
