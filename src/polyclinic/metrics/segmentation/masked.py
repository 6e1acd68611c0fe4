"""Which masks of a case are compared, painted together in the smallest frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from polyclinic.errors import DataError
from polyclinic.metrics.case import Case, annotated, found, instance_cases, score_of
from polyclinic.metrics.segmentation.overlap import Region
from polyclinic.sample import Instance, Mask


@dataclass(frozen=True, eq=False)
class Frame:
    """A rectangle of pixels: rows `top` to `bottom`, columns `left` to `right`, ends excluded."""

    top: int
    bottom: int
    left: int
    right: int

    @classmethod
    def around(cls, masks: Iterable[Mask]) -> Frame:
        """The smallest one that holds all patches; of no pixels when there are none."""
        boxes = [
            (m.top, m.top + m.shape[0], m.left, m.left + m.shape[1])
            for m in masks
            if 0 not in m.shape
        ]
        if not boxes:
            return cls(0, 0, 0, 0)
        tops, bottoms, lefts, rights = zip(*boxes, strict=True)
        return cls(min(tops), max(bottoms), min(lefts), max(rights))

    def paint(self, masks: Iterable[Mask]) -> Region:
        """(bottom - top, right - left) the union of masks, cut to this frame."""
        union = np.zeros((self.bottom - self.top, self.right - self.left), bool)
        for mask in masks:
            height, width = mask.shape
            top, bottom = max(mask.top, self.top), min(mask.top + height, self.bottom)
            left, right = max(mask.left, self.left), min(mask.left + width, self.right)
            if top < bottom and left < right:
                union[top - self.top : bottom - self.top, left - self.left : right - self.left] |= (
                    mask.patch[
                        top - mask.top : bottom - mask.top, left - mask.left : right - mask.left
                    ]
                )
        return union


@dataclass(frozen=True, eq=False)
class Unions:
    """Everything annotated and everything found in one image, in one frame.

    Args:
        frame: where they lie in the image.
        true: annotated pixels, crowds left out.
        read: found pixels, crowds left out.
    """

    frame: Frame
    true: Region
    read: Region


def shared_frame(first: Mask, second: Mask) -> tuple[Region, Region]:
    """Two masks as arrays of the smallest frame that holds both.

    Raises:
        DataError: they do not belong to images of the same size.
    """
    if first.size != second.size:
        raise DataError(
            f"one mask lies in a frame of {first.size}, the other in {second.size}",
            expected="two of the same size",
        )
    both = Frame.around([first, second])
    return both.paint([first]), both.paint([second])


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
