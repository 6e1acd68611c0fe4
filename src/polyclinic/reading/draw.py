"""What a reader found, drawn over the image."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError
from polyclinic.reading.drawing.canvas import Canvas
from polyclinic.reading.drawing.outlines import (
    draw_landmarks,
    draw_lines,
    draw_open_lines,
    instance_lines,
    mask_lines,
)
from polyclinic.reading.drawing.strip import Strip, with_strip
from polyclinic.reading.drawing.strokes import Line
from polyclinic.reading.drawing.tags import Tag, draw_tags
from polyclinic.reading.measurement import shown_unit
from polyclinic.reading.palette import Colour, class_colour
from polyclinic.reading.reading import Reading
from polyclinic.sample import Instance, Mask, Pixels, Sample

# Two pictures side by side are shown at half the width.
_PAIR_EMPHASIS = 1.4


def draw_reading(image: Pixels, reading: Reading, *, title: str | None = None) -> NDArray[np.uint8]:
    """Outlines, landmarks, tags, legend and scale bar over a copy of the image.

    Nothing is filled: the tissue stays visible. A tag holds class, score and the main diameter;
    it is left out where it would hide an instance, and the legend says so.

    Args:
        image: (H, W[, C]) of the size that the reading states; any depth.
        reading: what to draw.
        title: the first words below the picture; the image's name when not given.

    Returns:
        (H', W', 3) RGB bytes: a small image is enlarged by a whole factor, the strip comes below.

    Raises:
        DataError: the image has another size than the reading.
    """
    return _draw(image, reading, title or _name(reading))


def draw_pair(image: Pixels, sample: Sample, reading: Reading) -> NDArray[np.uint8]:
    """What was annotated on the left, what was found on the right.

    Classes and landmark names are those of the reading: both must come from one cohort.

    Returns:
        (H', W', 3) RGB bytes.

    Raises:
        DataError: image, sample and reading differ in size.
    """
    schema = reading.landmark_schema
    instances = sample.instances
    if instances is not None and schema is None:
        instances = tuple(replace(one, landmarks=None) for one in instances)
    annotated = Reading(
        image_id=sample.image_id,
        size=sample.size,
        spacing=reading.spacing,
        classes=reading.classes,
        landmark_schema=schema,
        instances=instances,
    )
    name = _name(reading)
    left = _draw(image, annotated, f"annotated: {name}", emphasis=_PAIR_EMPHASIS)
    right = _draw(image, reading, f"found: {name}", emphasis=_PAIR_EMPHASIS)
    rows = max(len(left), len(right))
    gutter = np.full((rows, 6, 3), 255, np.uint8)
    return np.concatenate([_padded(left, rows), gutter, _padded(right, rows)], axis=1)


def _draw(
    image: Pixels, reading: Reading, title: str, *, emphasis: float = 1.0
) -> NDArray[np.uint8]:
    if image.shape[:2] != reading.size:
        raise DataError(
            f"the image has {image.shape[0]} x {image.shape[1]} pixels",
            expected=f"{reading.size[0]} x {reading.size[1]}, as the reading says",
            where=title,
        )
    canvas = Canvas.over(image, emphasis)
    instances = tuple(
        one for one in reading.instances or () if one.mask is not None or np.isfinite(one.box).all()
    )
    lines = [(instance_lines(one), class_colour(one.category)) for one in instances]
    regions = _regions(reading)
    draw_lines(canvas, lines + [(outline, colour) for _, colour, outline in regions])
    for one in instances:
        draw_open_lines(canvas, one, class_colour(one.category))
    if reading.landmark_schema is not None:
        for one in instances:
            draw_landmarks(canvas, one, reading.landmark_schema)
    tags = _tags(reading)
    left_out = len(tags) - draw_tags(canvas, tags, instances)
    strip = Strip(
        title=title,
        legend=(*_legend(reading), *((name, colour) for name, colour, _ in regions)),
        remark=_remark(reading, left_out),
        spacing=reading.spacing,
    )
    return with_strip(canvas, strip)


def _padded(picture: NDArray[np.uint8], rows: int) -> NDArray[np.uint8]:
    """Carry the strip's ground on to the same number of rows."""
    return np.pad(picture, ((0, rows - len(picture)), (0, 0), (0, 0)), mode="edge")


def _tags(reading: Reading) -> list[Tag]:
    """Tags by descending score; crowds have none."""
    rows = [(row, one) for row, one in enumerate(reading.instances or ()) if not one.crowd]
    rows.sort(key=lambda pair: -(pair[1].score or 0))
    return [
        Tag(one, _words(reading, row, one), class_colour(one.category))
        for row, one in rows
        if np.isfinite(one.box).all()
    ]


def _words(reading: Reading, row: int, instance: Instance) -> tuple[str, ...]:
    score = "" if instance.score is None else f" {instance.score:.2f}"
    first = reading.class_name(instance) + score
    for one in reading.measurements:
        if one.instance == row and one.name.endswith("diameter") and one.value is not None:
            return first, f"{one.value:.1f} {shown_unit(one.unit)}".strip()
    return (first,)


def _legend(reading: Reading) -> list[tuple[str, Colour]]:
    """Classes that occur, with their number."""
    counts = Counter(one.category for one in reading.instances or ())
    order = sorted(counts, key=lambda category: -1 if category is None else category)
    names = {
        category: "instance" if category is None else reading.classes[category]
        for category in order
    }
    return [(f"{names[category]} {counts[category]}", class_colour(category)) for category in order]


def _regions(reading: Reading) -> list[tuple[str, Colour, list[Line]]]:
    """Name, colour and outlines of every value of every label map; 0 is the ground."""
    found: list[tuple[str, Colour, list[Line]]] = []
    for name, label_map in reading.label_maps.items():
        for value in np.unique(label_map[label_map > 0]):
            colour = class_colour(len(found))
            lines = mask_lines(Mask.from_array(label_map == value))
            found.append((f"{name} {value}", colour, lines))
    return found


def _remark(reading: Reading, left_out: int) -> str:
    parts = []
    if reading.error is not None:
        parts.append(f"could not be read: {reading.error}")
    elif reading.instances is not None and not reading.instances:
        parts.append("no instances")
    parts += reading.flags
    if left_out:
        parts.append(f"{left_out} tags left out for want of room")
    return "; ".join(parts)


def _name(reading: Reading) -> str:
    return Path(reading.file).name if reading.file else str(reading.image_id)
