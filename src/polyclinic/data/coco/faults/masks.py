"""Faults of `segmentation`."""

from __future__ import annotations

from polyclinic.data.coco.annotation import read_mask
from polyclinic.data.coco.document import Row
from polyclinic.data.completeness import not_annotated
from polyclinic.data.findings import Finding, Place
from polyclinic.errors import DataError
from polyclinic.sample import Mask


def mask_of(
    row: Row, size: tuple[int, int], place: Place, decoded: Mask | None = None
) -> tuple[Mask | None, list[Finding]]:
    """Decode a segmentation, where that is not done yet, or say why it can't be used.

    A mask that can't be read is none: the object keeps its box.
    """
    segmentation = row.get("segmentation")
    if segmentation and not isinstance(segmentation, list | dict | str):
        said = place.error("segmentation is no mask", "polygons or a run-length encoding")
        return None, not_annotated([said], "masks")
    try:
        mask = read_mask(row, size) if decoded is None else decoded
    except DataError as error:
        said = place.error(error.what, error.expected, "draw it again or remove the segmentation")
        return None, not_annotated([said], "masks")
    if mask is None or mask.area:
        return mask, []
    said = place.error("the mask is empty", "at least one pixel", "draw it again or remove it")
    return None, not_annotated([said], "masks")
