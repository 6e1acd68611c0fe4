"""Faults of `keypoints`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from polyclinic.data.coco.annotation import all_inside, outside
from polyclinic.data.coco.document import Row
from polyclinic.data.coco.faults.numbers import are_finite, plain_numbers
from polyclinic.data.findings import Finding, Place
from polyclinic.schema import LandmarkSchema


def landmark_findings(
    row: Row, size: tuple[int, int], schema: LandmarkSchema | None, place: Place
) -> Iterator[Finding]:
    """Say what is wrong with the keypoints in an image of `size` (height, width)."""
    given = row.get("keypoints")
    if not given:
        return
    if schema is None:
        yield place.error(
            "has keypoints, but no category names any",
            "'keypoints' in the category",
            "add the names or remove the points",
        )
        return
    values = plain_numbers(given)
    form = f"{3 * len(schema)} numbers: x, y, visibility of {len(schema)} landmarks"
    if values is None or len(values) != 3 * len(schema):
        found = f"{len(given)} values" if isinstance(given, list) else repr(given)
        yield place.error(f"keypoints hold {found}", form)
    elif not are_finite(values):
        yield place.error("keypoints hold a number that is not finite", form)
    elif set(values[2::3]) - {0, 1, 2}:
        wrong = sorted(set(values[2::3]) - {0, 1, 2})
        yield place.error(
            f"visibility is {wrong[0]}", "0 (not labelled), 1 (hidden) or 2 (visible)"
        )
    else:
        yield from _frame_findings(row, values, size, schema, place)


def _frame_findings(
    row: Row, values: list[float], size: tuple[int, int], schema: LandmarkSchema, place: Place
) -> Iterator[Finding]:
    if not all_inside(values, size):
        beyond = outside(np.array(values, float).reshape(-1, 3), size)
        lost = [schema.names[index] for index in np.flatnonzero(beyond)]
        if lost:
            yield place.warning(
                f"landmarks outside the image: {', '.join(lost)}",
                f"0 to {size[1] - 1}, 0 to {size[0] - 1}",
                "they count as not labelled",
            )
    labelled = len(schema) - values[2::3].count(0)
    if row.get("num_keypoints", labelled) != labelled:
        yield place.warning(
            f"num_keypoints is {row['num_keypoints']!r}", f"{labelled}, as the visibility says"
        )
