"""The masks of many images compared once: one row an image, one table a class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.case import Case, class_names, spacing_of
from polyclinic.metrics.figure import Values
from polyclinic.metrics.segmentation.image import ImageRow, Outlines, compare, overlap
from polyclinic.metrics.segmentation.masked import MaskedCase, masked_cases
from polyclinic.metrics.segmentation.overlap import EmptyCases

MOST_OBJECTS = 2
"""Objects of a class in an image up to which outlines are measured: paired organs."""


@dataclass(frozen=True, eq=False, kw_only=True)
class MaskTable:
    """The images in which the masks of a class were looked at.

    Args:
        name: the class; empty for all classes united.
        objects: how many annotated objects of the class one image holds at most.
        outlined: whether outlines were measured.
        places: (M,) the case of each row.
        counts: (M, 3) shared, annotated and found pixels.
        px: {hd95, distance, near: (M,)}, see `Outlines`; lengths in pixels; NaN where outlines
            were not measured.
        mm: the same in mm; NaN where the scale is not known.
        scaled: (M,) whether the scale is known.
    """

    name: str
    objects: int
    outlined: bool
    places: NDArray[np.intp]
    counts: Values
    px: dict[str, Values]
    mm: dict[str, Values]
    scaled: NDArray[np.bool_]

    @property
    def annotated(self) -> bool:
        """Whether anything of the class is annotated in any image."""
        return bool(self.counts[:, 1].any())

    @property
    def empty(self) -> EmptyCases:
        """In how many images the class is annotated, found, both or neither."""
        return EmptyCases.of(self.name, self.counts[:, 1:] > 0)


def compare_masks(cases: Sequence[Case], accept: float) -> list[MaskTable]:
    """Compare annotated with found masks: all classes united first, then class by class.

    Left out are images on which an annotated instance has no mask, and classes of which nothing
    is annotated or found in any image. With a single class there is one table.

    Outlines are measured where no image holds more than `MOST_OBJECTS` annotated objects of a
    class: among many, the nearest outline is often that of another object, and the distance says
    little. For the same reason those of several classes together are not measured.

    Args:
        cases: samples with readings.
        accept: score from which on a found instance counts.

    Returns:
        Nothing where masks were not annotated or not read.
    """
    looked = masked_cases(cases, accept)
    if not looked:
        return []
    wanted = _held(cases, looked)
    objects = _most_objects(looked, wanted)
    outlined = [most <= MOST_OBJECTS for most in objects]
    outlined[0] &= not wanted
    rows = [_rows(image, wanted, outlined) for image in looked]
    return [
        MaskTable(
            name=name,
            objects=objects[column],
            outlined=outlined[column],
            places=np.array([image.place for image in looked], np.intp),
            counts=np.array([row[column].counts for row in rows], float),
            px=_outlines([row[column].px for row in rows]),
            mm=_outlines([row[column].mm for row in rows]),
            scaled=np.array([spacing_of(image.case).known for image in looked], bool),
        )
        for column, name in enumerate(_names(cases, wanted))
    ]


def empty_cases(cases: Sequence[Case], accept: float) -> list[EmptyCases]:
    """The empty cases of every table of `compare_masks`, without comparing any pixel."""
    looked = masked_cases(cases, accept)
    if not looked:
        return []
    wanted = _held(cases, looked)
    held = np.array([image.held(wanted) for image in looked])
    return [
        EmptyCases.of(name, held[:, column]) for column, name in enumerate(_names(cases, wanted))
    ]


def _held(cases: Sequence[Case], looked: Sequence[MaskedCase]) -> list[int]:
    """The classes that have tables of their own."""
    classes = class_names(cases)
    held = {one.category for image in looked for one in (*image.true, *image.read)}
    return [row for row in range(len(classes)) if row in held] if len(classes) > 1 else []


def _names(cases: Sequence[Case], wanted: Sequence[int]) -> list[str]:
    classes = class_names(cases)
    return ["", *(classes[category] for category in wanted)]


def _most_objects(looked: Sequence[MaskedCase], wanted: Sequence[int]) -> list[int]:
    """The most annotated objects in one image: of all classes, then of each."""
    of_image = [Counter(one.category for one in image.true) for image in looked]
    return [
        max(some.total() for some in of_image),
        *(max(some[category] for some in of_image) for category in wanted),
    ]


def _rows(image: MaskedCase, wanted: Sequence[int], outlined: Sequence[bool]) -> list[ImageRow]:
    """All classes united, then each."""
    size, spacing = image.case[0].size, spacing_of(image.case)
    return [
        compare(unions, size, spacing) if measured else overlap(unions)
        for unions, measured in zip(image.unions(wanted), outlined, strict=True)
    ]


def _outlines(rows: Sequence[Outlines]) -> dict[str, Values]:
    return {
        figure: np.array([getattr(one, figure) for one in rows], float)
        for figure in ("hd95", "distance", "near")
    }
