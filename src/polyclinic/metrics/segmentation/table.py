"""The masks of many images compared once: one row an image, one table a class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.case import Case, class_names, spacing_of
from polyclinic.metrics.figure import Values
from polyclinic.metrics.segmentation.empty import EmptyCases
from polyclinic.metrics.segmentation.image import ImageRow, compare
from polyclinic.metrics.segmentation.masked import MaskedCase, masked_cases
from polyclinic.metrics.segmentation.overlap import pixel_counts


@dataclass(frozen=True, eq=False, kw_only=True)
class MaskTable:
    """The images in which the masks of a class were looked at.

    Args:
        name: the class; empty for all classes united.
        places: (M,) the case of each row.
        counts: (M, 3) shared, annotated and found pixels.
        px: {hd95, distance, near: (M,)}, see `Outlines`; lengths in pixels.
        mm: the same in mm; NaN where the scale is not known.
        scaled: (M,) whether the scale is known.
    """

    name: str
    places: NDArray[np.intp]
    counts: Values
    px: dict[str, Values]
    mm: dict[str, Values]
    scaled: NDArray[np.bool_]

    @property
    def empty(self) -> EmptyCases:
        """In how many images the class is annotated, found, both or neither."""
        return EmptyCases.of(self.name, self.counts)


def compare_masks(cases: Sequence[Case], accept: float) -> list[MaskTable]:
    """Compare annotated with found masks: all classes united first, then class by class.

    Left out are images on which an annotated instance has no mask, and classes of which nothing
    is annotated in any image. With a single class there is one table.

    Args:
        cases: samples with readings.
        accept: score from which on a found instance counts.

    Returns:
        Nothing where masks were not annotated or not read.
    """
    looked = masked_cases(cases, accept)
    wanted = _held(cases, looked)
    rows = [_rows(image, wanted) for image in looked]
    return [
        _table(name, looked, [row[column] for row in rows])
        for column, name in enumerate(_names(cases, looked, wanted))
    ]


def empty_cases(cases: Sequence[Case], accept: float) -> list[EmptyCases]:
    """The empty cases of every table of `compare_masks`, without measuring any distance."""
    looked = masked_cases(cases, accept)
    wanted = _held(cases, looked)
    selected = [[image, *map(image.of_class, wanted)] for image in looked]
    return [
        EmptyCases.of(name, np.array([_counts(images[column]) for images in selected], float))
        for column, name in enumerate(_names(cases, looked, wanted))
    ]


def _held(cases: Sequence[Case], looked: Sequence[MaskedCase]) -> list[int]:
    """The classes that have tables of their own."""
    classes = class_names(cases)
    held = {one.category for image in looked for one in image.true}
    return [row for row in range(len(classes)) if row in held] if len(classes) > 1 else []


def _names(cases: Sequence[Case], looked: Sequence[MaskedCase], wanted: Sequence[int]) -> list[str]:
    classes = class_names(cases)
    return ["", *(classes[category] for category in wanted)] if looked else []


def _rows(image: MaskedCase, wanted: Sequence[int]) -> list[ImageRow]:
    """All classes united, then each; an image with one class is compared once."""
    united = _row(image)
    alone = [image.of_class(category) for category in wanted]
    return [united, *(united if one is image else _row(one) for one in alone)]


def _counts(image: MaskedCase) -> Values:
    unions = image.unions()
    return pixel_counts(unions.true, unions.read)


def _row(image: MaskedCase) -> ImageRow:
    return compare(image.unions(), image.case[0].size, spacing_of(image.case))


def _table(name: str, looked: Sequence[MaskedCase], rows: Sequence[ImageRow]) -> MaskTable:
    px, mm = (
        {
            figure: np.array([getattr(one, figure) for one in outlines], float)
            for figure in ("hd95", "distance", "near")
        }
        for outlines in ([row.px for row in rows], [row.mm for row in rows])
    )
    return MaskTable(
        name=name,
        places=np.array([image.place for image in looked], np.intp),
        counts=np.array([row.counts for row in rows], float),
        px=px,
        mm=mm,
        scaled=np.array([spacing_of(image.case).known for image in looked], bool),
    )
