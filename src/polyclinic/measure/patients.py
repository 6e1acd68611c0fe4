"""Measurements of several images of one person, taken together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from polyclinic.reading import Measurement, Reading

NOT_POOLED = frozenset({"csuri"})  # M and N^2 grow differently with the number of images


def pool_patients(readings: Sequence[Reading]) -> dict[str, tuple[Measurement, ...]]:
    """Pool the measurements of each patient's evaluable images.

    An image is evaluable when it could be read and instances were looked for. Counts are
    summed. Everything else is averaged within each image first and then over the images, so
    that an image with many loops weighs no more than one with few. Values in px and in µm are
    never mixed: each unit gets its own row. `evaluable_images` says how many images there are,
    flagged where none is.

    Returns:
        Measurements by patient id; an image without a patient is pooled under its image id.
    """
    patients: dict[str, list[Reading]] = {}
    for reading in readings:
        key = str(reading.image_id if reading.patient_id is None else reading.patient_id)
        patients.setdefault(key, []).append(reading)
    return {patient: _pool(images) for patient, images in patients.items()}


def _pool(images: Sequence[Reading]) -> tuple[Measurement, ...]:
    evaluable = [image for image in images if image.error is None and image.instances is not None]
    number = Measurement(
        name="evaluable_images",
        value=float(len(evaluable)),
        unit="count",
        formula=f"of {len(images)} images",
        flags=() if evaluable else ("no-evaluable-image",),
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


def _trust(origin: str) -> int:
    """Least trusted first: a pooled value is worth no more than its weakest scale."""
    return ("unknown", "assumed", "detector", "calibrated").index(origin)
