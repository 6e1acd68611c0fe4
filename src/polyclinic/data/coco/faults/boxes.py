"""Faults of `bbox`."""

from __future__ import annotations

from collections.abc import Iterator

from polyclinic.data.coco.document import Row
from polyclinic.data.coco.faults.numbers import are_finite, plain_numbers
from polyclinic.data.findings import Finding, Place

_FORM = "[x, y, width, height]"
# Rounding to whole pixels puts many an honest box half a pixel over the edge.
_TOLERANCE = 1.0


def box_findings(row: Row, size: tuple[int, int], place: Place) -> Iterator[Finding]:
    """Say what is wrong with the box in an image of `size` (height, width)."""
    box = row.get("bbox")
    if box is None or box == []:
        if not row.get("segmentation") and not any(row.get("keypoints") or ()):
            yield place.error("has neither bbox, segmentation nor keypoints", _FORM)
        return
    numbers = plain_numbers(box)
    if numbers is None or len(numbers) != 4:
        yield place.error(f"bbox is {box!r}", _FORM)
        return
    box = numbers
    if not are_finite(box):
        yield place.error(f"bbox {box} holds a number that is not finite", _FORM)
        return
    x, y, width, height = box
    if width <= 0 or height <= 0:
        yield place.error(
            f"bbox {box} has no area",
            "a width and height above 0",
            "draw the box again or remove the annotation",
        )
        return
    yield from _frame_findings(x, y, x + width, y + height, size, place)


def _frame_findings(
    x1: float, y1: float, x2: float, y2: float, size: tuple[int, int], place: Place
) -> Iterator[Finding]:
    frame = f"{size[1]} x {size[0]} pixels"
    if x1 >= size[1] or y1 >= size[0] or x2 <= 0 or y2 <= 0:
        yield place.error(f"bbox lies outside the image of {frame}")
    elif min(x1, y1, size[1] - x2, size[0] - y2) < -_TOLERANCE:
        yield place.warning(f"bbox reaches beyond the image of {frame}", hint="it is clipped")
