"""A file's pixels meet what was stated of its image.

A scale, a box and a landmark belong to the size that they were stated for. Where a file has
another size, the scale follows the pixels, or is unknown where it can't; what was drawn is never
laid over pixels that it was not drawn on.
"""

from __future__ import annotations

from dataclasses import replace

from polyclinic.data.images import Picture
from polyclinic.errors import DataError
from polyclinic.sample import UNKNOWN_SIZE, Sample, Spacing

Size = tuple[int, int]


def with_picture(sample: Sample, picture: Picture) -> Sample:
    """The sample with the pixels of its file, and at their size; see `at_size`."""
    height, width = picture.rgb.shape[:2]
    return picture.of(at_size(sample, (height, width)))


def at_size(sample: Sample, size: Size) -> Sample:
    """The sample as it is of a picture of this size, flagged where its scale changes.

    Drawn objects are left out where the size is another: they are not annotated on these pixels.
    Who needs them asks `refuse_other_size` first.

    Args:
        sample: without pixels.
        size: (height, width) of the file.
    """
    if sample.size == size:
        return sample
    resized = replace(sample, size=size, instances=sample.instances and None)
    if sample.size == UNKNOWN_SIZE or not sample.spacing.known:
        return resized
    spacing = sample.spacing.resized(sample.size, size)
    return replace(resized, spacing=spacing, flags=(*sample.flags, _flag(sample, resized, spacing)))


def refuse_other_size(sample: Sample, size: Size) -> None:
    """Make sure that what was drawn was drawn on pixels of this size.

    Raises:
        DataError: it was not; a whole-image label, or that nothing is there, holds at any size.
    """
    if sample.instances and sample.size not in (size, UNKNOWN_SIZE):
        turned = "it was annotated without its EXIF rotation"
        raise DataError(
            f"has {_shown(size)} pixels",
            expected=f"{_shown(sample.size)}, as the annotations say",
            where=sample.file or str(sample.image_id),
            hint=turned if size == sample.size[::-1] else "annotate this very file",
        )


def _flag(sample: Sample, resized: Sample, spacing: Spacing) -> str:
    stated = f"scale: stated for {_shown(sample.size)} pixels, the file has {_shown(resized.size)}"
    if not spacing.known:
        return f"{stated}, which is not the same picture made larger or smaller: not used"
    rows, columns = spacing.row_mm, spacing.column_mm
    sides = f"{rows:.6g}" if round(rows, 9) == round(columns, 9) else f"{rows:.6g} x {columns:.6g}"
    return f"{stated}: {sides} mm a pixel here"


def _shown(size: Size) -> str:
    return f"{size[1]} x {size[0]}"
