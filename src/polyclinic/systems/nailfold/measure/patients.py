"""Measurements of several images of one person, taken together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from polyclinic.reading import REFUSED, Measurement, Reading

SOME_REFUSED = "some-values-refused"
NOT_POOLED = frozenset({"csuri"})  # M and N^2 grow differently with the number of images


def pool_patients(readings: Sequence[Reading]) -> dict[str, tuple[Measurement, ...]]:
    """Pool the measurements of each patient's evaluable images.

    An image is evaluable when it could be read, is not refused as a whole, and instances were
    looked for; where all instances that were found are refused, it is not. Refused values have
    no part in anything: where some are left out, `some-values-refused` says so, and where none
    is left, there is no value.

    Counts are summed. Everything else is averaged within each image first and then over the
    images, so that an image with many loops weighs no more than one with few. Values in px and
    in µm are never mixed: each unit gets its own row. `evaluable_images` says how many images
    there are, flagged where none is.

    Returns:
        Measurements by patient id; an image without a patient is pooled under its image id.
    """
    patients: dict[str, list[Reading]] = {}
    for reading in readings:
        key = str(reading.image_id if reading.patient_id is None else reading.patient_id)
        patients.setdefault(key, []).append(reading)
    return {patient: _pool(images) for patient, images in patients.items()}


def _pool(images: Sequence[Reading]) -> tuple[Measurement, ...]:
    evaluable = [image for image in images if _evaluable(image)]
    number = Measurement(
        name="evaluable_images",
        value=float(len(evaluable)),
        unit="count",
        formula=f"of {len(images)} images",
        flags=() if evaluable else ("no-evaluable-image", *_refusals(images)),
    )
    named: dict[tuple[str, str], list[list[Measurement]]] = {}
    for image in evaluable:
        here: dict[tuple[str, str], list[Measurement]] = {}
        for one in image.measurements:
            if one.name not in NOT_POOLED:
                here.setdefault((one.name, one.unit), []).append(one)
        for key, rows in here.items():
            named.setdefault(key, []).append(rows)
    return (number, *(_pooled(groups) for groups in named.values()))


def _pooled(groups: Sequence[Sequence[Measurement]]) -> Measurement:
    """One measurement of all images: `groups` holds its rows image by image."""
    first = groups[0][0]
    refused = any(row.refused for rows in groups for row in rows)
    groups = [[row for row in rows if not row.refused] for rows in groups]
    per_image = [
        float(np.mean(values))
        for values in ([row.value for row in rows if row.value is not None] for rows in groups)
        if values
    ]
    summed = first.unit == "count"
    how = "sum over" if summed else "mean over"
    within = "" if first.instance is None else " of the mean over loops"
    origins = {row.scale_source for rows in groups for row in rows if row.value is not None}
    flags = tuple(sorted({flag for rows in groups for row in rows for flag in row.flags}))
    if len(origins) > 1:
        flags = (*flags, "mixed-scale-sources")
    if refused:
        flags = (*flags, SOME_REFUSED if per_image else REFUSED)
    value = None
    if per_image:
        value = float(np.sum(per_image) if summed else np.mean(per_image))
    return Measurement(
        name=first.name,
        value=value,
        unit=first.unit,
        formula=f"{how} {len(per_image)} images{within}: {first.formula}",
        source=first.source,
        scale_source=min(origins, default=first.scale_source, key=_trust),
        flags=flags,
    )


def _evaluable(image: Reading) -> bool:
    """Whether anything can be made of an image; one on which nothing was found counts."""
    if image.error is not None or image.instances is None or REFUSED in image.flags:
        return False
    rows = _refused_rows(image)
    return not rows or len(rows) < len(image.instances)


def _refused_rows(image: Reading) -> set[int]:
    """Of instances: marked so, or with measurements that are, as stored readings know them."""
    marked = {row for row, one in enumerate(image.instances or ()) if one.refused}
    told = {one.instance for one in image.measurements if one.refused and one.instance is not None}
    return marked | told


def _refusals(images: Sequence[Reading]) -> tuple[str, ...]:
    """`REFUSED` where that is why an image is left out."""
    refused = any(REFUSED in image.flags or _refused_rows(image) for image in images)
    return (REFUSED,) if refused else ()


def _trust(origin: str) -> int:
    """Least trusted first: a pooled value is worth no more than its weakest scale."""
    return ("unknown", "assumed", "detector", "calibrated").index(origin)
