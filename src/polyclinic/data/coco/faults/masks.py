"""Faults of `segmentation`."""

from __future__ import annotations

from collections.abc import Iterator

from polyclinic.data.coco.annotation import read_mask
from polyclinic.data.coco.document import Row
from polyclinic.data.findings import Finding, Place
from polyclinic.errors import DataError
from polyclinic.sample import Mask


def mask_of(
    row: Row, size: tuple[int, int], place: Place, decoded: Mask | None = None
) -> tuple[Mask | None, list[Finding]]:
    """Decode a segmentation, where that is not done yet, or say why it can't be used."""
    segmentation = row.get("segmentation")
    if segmentation and not isinstance(segmentation, list | dict):
        return None, [place.error("segmentation is no mask", "polygons or a run-length encoding")]
    try:
        mask = read_mask(row, size) if decoded is None else decoded
    except DataError as error:
        return None, [place.error(error.what, error.expected)]
    return mask, list(_emptiness(mask, row, place))


def _emptiness(mask: Mask | None, row: Row, place: Place) -> Iterator[Finding]:
    if mask is not None and not mask.area:
        yield place.error(
            "the mask is empty", "at least one pixel", "draw it again or remove the annotation"
        )
