"""Which masks of a case are compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from polyclinic.metrics.case import Case, annotated, found, instance_cases, score_of
from polyclinic.metrics.segmentation.overlap import Region
from polyclinic.metrics.segmentation.union import Frame, Unions
from polyclinic.sample import Instance, Mask

_Kinds = set[int | None]
_Painted = dict[int | None, Region]


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

    def held(self, categories: Sequence[int] = ()) -> list[tuple[bool, bool]]:
        """Whether anything is annotated, and found: of all classes, then of each of some."""
        if self.crowds:  # they may hide everything
            unions = self.unions(categories)
            return [(bool(one.true.any()), bool(one.read.any())) for one in unions]
        true, read = (
            {one.category for one in side if one.mask is not None and one.mask.area}
            for side in (self.true, self.read)
        )
        alone = [(category in true, category in read) for category in categories]
        return [(bool(true), bool(read)), *alone]

    def unions(self, categories: Sequence[int] = ()) -> list[Unions]:
        """Both sides painted: all classes united, then each of some; each mask is painted once.

        A crowd without a class may hold objects of every class.
        """
        frame = Frame.around(mask for side in (self.true, self.read) for mask in _masks(side))
        true, read, crowds = (_painted(frame, side) for side in (self.true, self.read, self.crowds))
        every: _Kinds = {*true, *read, *crowds}
        chosen: list[tuple[_Kinds, _Kinds]] = [(every, every)]
        chosen += [({one}, {one, None}) for one in categories]
        return [
            Unions(
                frame,
                *(_without(_some(frame, side, kinds), crowds, hidden) for side in (true, read)),
            )
            for kinds, hidden in chosen
        ]


def _masks(side: Iterable[Instance]) -> Iterator[Mask]:
    return (one.mask for one in side if one.mask is not None)


def _painted(frame: Frame, side: Sequence[Instance]) -> _Painted:
    """The masks of each class united."""
    return {
        category: frame.paint(_masks(one for one in side if one.category == category))
        for category in {one.category for one in side}
    }


def _some(frame: Frame, side: _Painted, kinds: _Kinds) -> Region:
    region = frame.paint(())
    for kind in kinds:
        if kind in side:
            region |= side[kind]
    return region


def _without(region: Region, crowds: _Painted, hidden: _Kinds) -> Region:
    for kind in hidden:
        if kind in crowds:
            region &= ~crowds[kind]
    return region


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
