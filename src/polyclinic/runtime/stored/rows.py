"""Values of rows of a file of readings, or what is wrong with them.

A list of Python numbers takes three times the memory of an array, and texts that come in each
row are parsed anew each time. On 200,000 instances with their measurements that is 0.4 GB.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError
from polyclinic.sample import Mask
from polyclinic.sample.rle import mask_from_coco, masks_at_once

_ARRAYS = ("keypoints", "landmark_confidence", "probabilities")
_PLAIN = frozenset({int, float})


def compact(row: dict[str, Any]) -> dict[str, Any]:
    """The same JSON object, its lists of numbers packed, its texts shared; nothing is checked."""
    if "image_id" in row:
        for key in _ARRAYS:
            values = row.get(key)
            if values and (packed := pack(values)) is not None:
                row[key] = packed
    elif "unit" in row:
        for key, value in row.items():
            if type(value) is str:
                row[key] = sys.intern(value)
    return row


def pack(values: object) -> NDArray[np.float64] | None:
    """Numbers as an array; None where something is not a number that fits."""
    if isinstance(values, np.ndarray):
        return values
    if not isinstance(values, list) or not _PLAIN.issuperset(map(type, values)):
        return None
    try:
        return np.array(values, float)
    except OverflowError:
        return None


Row = Mapping[str, Any]
Size = tuple[int, int]
Values = NDArray[np.float64]
Part = TypeVar("Part")


@dataclass(frozen=True)
class Place:
    """A row of a file, to say what is wrong with it."""

    file: str
    row: str

    def refuse(self, key: str, value: object, expected: str) -> NoReturn:
        """Raise a DataError about a key of the row."""
        shown = repr(value.tolist() if isinstance(value, np.ndarray) else value)
        shown = shown if len(shown) < 80 else f"{shown[:77]}..."
        raise DataError(f"{key!r} is {shown}", expected=expected, where=f"{self.file}, {self.row}")


def numbers(row: Row, key: str, place: Place, count: int | None = None) -> Values | None:
    """Finite numbers; None where the key is missing, null or empty."""
    values = row.get(key)
    if values is None or (isinstance(values, list) and not values):
        return None
    packed = pack(values)
    if packed is None or len(packed) != (count or len(packed)) or not _all_finite(packed):
        place.refuse(key, values, f"{'' if count is None else f'{count} '}finite numbers")
    return packed


def number(row: Row, key: str, place: Place) -> float | None:
    """A finite number; None where the key is missing or null."""
    value = row.get(key)
    if value is None:
        return None
    if type(value) not in (int, float) or not _finite(value):
        place.refuse(key, value, "a finite number")
    return float(value)


def text(row: Row, key: str, place: Place) -> str | None:
    """A text; None where the key is missing or null."""
    value = row.get(key)
    if value is not None and not isinstance(value, str | int):
        place.refuse(key, value, "a text")
    return None if value is None else str(value)


def texts(row: Row, key: str, place: Place) -> tuple[str, ...]:
    """A list of texts; none where the key is missing or null."""
    value = row.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        place.refuse(key, value, "a list of texts")
    return tuple(value)


def read_masks(rows: Sequence[tuple[Row, Place]], size: Size) -> list[Mask | None]:
    """The masks of the rows of one image; None for a row without one.

    Raises:
        DataError: a segmentation can't be decoded.
    """
    outlines = [row.get("segmentation") or None for row, _ in rows]
    masks = masks_at_once(outlines, size)
    for index, (outline, mask) in enumerate(zip(outlines, masks, strict=True)):
        if outline is not None and mask is None:
            place = rows[index][1]
            if not isinstance(outline, list | dict):
                place.refuse("segmentation", outline, "polygons or a run-length encoding")
            try:
                masks[index] = mask_from_coco(outline, size)
            except DataError as error:
                where = f"{place.file}, {place.row}"
                raise DataError(error.what, expected=error.expected, where=where) from None
    return masks


def read_box(row: Row, mask: Mask | None, landmarks: Values | None, place: Place) -> Values:
    """(4,) edges of `bbox`, else around the mask, else around the landmarks."""
    values = numbers(row, "bbox", place, 4)
    if values is not None:
        x, y, width, height = values.tolist()
        if width < 0 or height < 0:
            place.refuse("bbox", values.tolist(), "[x, y, width, height]")
        return np.array([x - 0.5, y - 0.5, x + width - 0.5, y + height - 0.5], float)
    if mask is not None and mask.area:
        return mask.box()
    if landmarks is not None and (seen := landmarks[landmarks[:, 2] > 0, :2]).size:
        return np.concatenate([seen.min(0) - 0.5, seen.max(0) + 0.5])
    place.refuse("bbox", row.get("bbox"), "[x, y, width, height], a mask or landmarks")


def read_score(row: Row, place: Place) -> float | None:
    """The confidence; None where none is given."""
    score = number(row, "score", place)
    if score is not None and not 0 <= score <= 1:
        place.refuse("score", score, "0 to 1")
    return score


def has_points(row: Row) -> bool:
    """Whether the row gives keypoints."""
    values = row.get("keypoints")
    return values is not None and not (isinstance(values, list) and not values)


def crowd(row: Row) -> bool:
    """Whether the row is a region of uncounted objects."""
    return bool(row.get("iscrowd", 0))


def made(place: Place, kind: Callable[..., Part], **known: Any) -> Part:
    """Build a part of a reading; what its own checks find names the row.

    Raises:
        DataError: its values do not fit each other.
    """
    try:
        return kind(**known)
    except DataError as error:
        where = f"{place.file}, {place.row}"
        raise DataError(error.what, expected=error.expected, where=where) from None


def _all_finite(values: Values) -> bool:
    # The sum of squares of finite numbers is finite, or too large: then each is looked at.
    return math.isfinite(values @ values) or bool(np.isfinite(values).all())


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False
