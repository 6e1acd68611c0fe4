"""Thin outlines, landmarks and skeletons; nothing is filled, so that the image stays visible."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from polyclinic.reading.drawing.canvas import Canvas
from polyclinic.reading.drawing.strokes import Line, stroke
from polyclinic.reading.palette import INK, PAPER, Colour
from polyclinic.sample import Instance, Mask
from polyclinic.schema import LandmarkSchema

_LINE, _HALO, _BONE, _DOT, _RING = 2.0, 4.0, 0.9, 3.6, 5.4
# Outlines with fewer points would shrink when smoothed.
_SMOOTHED = 16


def instance_lines(instance: Instance) -> list[Line]:
    """Closed (N, 2) outlines of the mask with its holes; of the box where there is no mask."""
    if instance.mask is not None:
        return mask_lines(instance.mask)
    x1, y1, x2, y2 = instance.box
    return [np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]])]


def mask_lines(mask: Mask) -> list[Line]:
    """Closed (N, 2) outlines half-way between pixels inside and outside, without their stairs."""
    from scipy.ndimage import gaussian_filter1d
    from skimage.measure import find_contours

    if not mask.area:
        return []
    lines = []
    for contour in find_contours(np.pad(mask.patch, 1).astype(float), 0.5):
        line = contour[:-1, ::-1] + (mask.left - 1, mask.top - 1)
        if len(line) >= _SMOOTHED:
            line = gaussian_filter1d(line, 1.0, axis=0, mode="wrap")
        lines.append(line)
    return lines


def draw_lines(canvas: Canvas, outlines: Sequence[tuple[list[Line], Colour]]) -> None:
    """Draw outlines in their colours over a dark halo that keeps them apart from any ground."""
    placed = [([canvas.place(line) for line in lines], colour) for lines, colour in outlines]
    for lines, _ in placed:
        stroke(canvas.pixels, lines, INK, width=_HALO * canvas.unit, opacity=0.4)
    for lines, colour in placed:
        stroke(canvas.pixels, lines, colour, width=_LINE * canvas.unit)


def draw_open_lines(canvas: Canvas, instance: Instance, colour: Colour) -> None:
    """The lines that bound parts of an instance, such as joint surfaces, under its landmarks."""
    lines = [canvas.place(line) for line in instance.outlines.values()]
    stroke(canvas.pixels, lines, INK, width=_HALO * canvas.unit, closed=False, opacity=0.4)
    stroke(canvas.pixels, lines, colour, width=_LINE * canvas.unit, closed=False)


def draw_landmarks(canvas: Canvas, instance: Instance, schema: LandmarkSchema) -> None:
    """Small white dots, joined by the schema's skeleton; hidden ones are hollow."""
    if instance.landmarks is None:
        return
    places, unit = canvas.place(instance.landmarks[:, :2]), canvas.unit
    labelled = instance.landmarks[:, 2] > 0
    pairs = [[schema.index(first), schema.index(second)] for first, second in schema.skeleton]
    bones = [places[pair] for pair in pairs if labelled[pair].all()]
    stroke(canvas.pixels, bones, PAPER, width=_BONE * unit, closed=False, opacity=0.85)
    for place, visibility in zip(places[labelled], instance.landmarks[labelled, 2], strict=True):
        stroke(canvas.pixels, [place[None]], INK, width=_RING * unit)
        stroke(canvas.pixels, [place[None]], PAPER, width=_DOT * unit)
        if visibility < 2:
            stroke(canvas.pixels, [place[None]], INK, width=_DOT / 2 * unit)
