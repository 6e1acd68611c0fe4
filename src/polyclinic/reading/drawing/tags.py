"""Small labels beside the instances, where they cover nothing that was found."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.reading.drawing.canvas import Canvas
from polyclinic.reading.drawing.lettering import Text, letter, width
from polyclinic.reading.drawing.strokes import stroke
from polyclinic.reading.palette import INK, PAPER, Colour
from polyclinic.sample import Instance

# x, y of a corner, or width and height.
Place = tuple[int, int]

# More labels than this make a picture unreadable.
MOST_TAGS = 60
_TEXT, _LEADING, _MARGIN, _REACH, _STEP = 10.5, 1.3, 4.0, 130.0, 3.0


@dataclass(frozen=True)
class Tag:
    """What is written beside one instance.

    Args:
        instance: what the tag belongs to.
        lines: one or two short lines.
        colour: of the instance's class.
    """

    instance: Instance
    lines: tuple[str, ...]
    colour: Colour


def draw_tags(canvas: Canvas, tags: list[Tag], instances: tuple[Instance, ...]) -> int:
    """Draw the tags that find a free place near their instance; returns how many did.

    The free place nearest to the top of an instance is taken, so the order is one of preference.
    A tag that would hide an instance or another tag is left out.
    """
    taken = _taken(canvas, instances)
    placed = []
    for tag in tags[:MOST_TAGS]:
        size = _size(canvas, tag)
        corner = _nearest_free(taken, size, _top(canvas, tag), canvas.unit)
        if corner is not None:
            placed.append((tag, corner, size))
            gap = canvas.line(2)
            left, upper = max(corner[0] - gap, 0), max(corner[1] - gap, 0)
            taken[upper : corner[1] + size[1] + gap, left : corner[0] + size[0] + gap] = 1
    for tag, corner, size in placed:
        _draw_leader(canvas, tag, corner, size)
    for tag, corner, size in placed:
        _draw_plate(canvas, tag, corner, size)
    letter(
        canvas.pixels, [text for tag, corner, _ in placed for text in _texts(canvas, tag, corner)]
    )
    return len(placed)


def _taken(canvas: Canvas, instances: tuple[Instance, ...]) -> NDArray[np.uint8]:
    """(H, W) of 1 where an instance lies; a box without a mask counts as a whole."""
    height, columns = (n // canvas.factor for n in canvas.pixels.shape[:2])
    taken = np.zeros((height, columns), np.uint8)
    for one in instances:
        if one.mask is not None:
            rows, cols = one.mask.patch.shape
            view = taken[one.mask.top : one.mask.top + rows, one.mask.left : one.mask.left + cols]
            view |= one.mask.patch
        else:
            x1, y1, x2, y2 = np.clip(np.round(one.box + 0.5), 0, None).astype(int)
            taken[y1:y2, x1:x2] = 1
    return taken.repeat(canvas.factor, 0).repeat(canvas.factor, 1)


def _nearest_free(
    taken: NDArray[np.uint8], size: Place, top: NDArray[np.float64], unit: float
) -> Place | None:
    """Left top corner of the free place whose lower middle is nearest to a point."""
    width_, height_ = size
    rows, columns = taken.shape
    step, reach = max(1, round(_STEP * unit)), round(_REACH * unit)
    x0, y0 = round(top[0] - width_ / 2), round(top[1] - height_ - _MARGIN * unit)
    xs = np.arange(x0 - reach, x0 + reach + 1, step)
    ys = np.arange(y0 - reach, y0 + reach + 1, step)
    xs = xs[(xs >= 0) & (xs + width_ <= columns)]
    ys = ys[(ys >= 0) & (ys + height_ <= rows)]
    if not len(xs) or not len(ys):
        return None
    near = taken[ys[0] : ys[-1] + height_, xs[0] : xs[-1] + width_]
    total = cv2.integral(near)
    a, b = ys[:, None] - ys[0], xs[None] - xs[0]
    covered = (
        total[a + height_, b + width_] - total[a, b + width_] - total[a + height_, b] + total[a, b]
    )
    distance = np.hypot(xs[None] - x0, ys[:, None] - y0)
    distance[covered > 0] = np.inf
    best = np.unravel_index(distance.argmin(), distance.shape)
    if not np.isfinite(distance[best]):
        return None
    return int(xs[best[1]]), int(ys[best[0]])


def _size(canvas: Canvas, tag: Tag) -> Place:
    size = canvas.line(_TEXT)
    longest = max(width(line, size) for line in tag.lines)
    padding = canvas.line(_MARGIN)
    return longest + 3 * padding, round(len(tag.lines) * size * _LEADING) + padding


def _top(canvas: Canvas, tag: Tag) -> NDArray[np.float64]:
    x1, y1, x2, _ = tag.instance.box
    return canvas.place(np.array([(x1 + x2) / 2, y1]))


def _draw_leader(canvas: Canvas, tag: Tag, corner: Place, size: Place) -> None:
    """A fine line from the tag to the top of its instance."""
    top = _top(canvas, tag)
    start = np.clip(top, corner, np.add(corner, size))
    leader = [np.array([start, top])]
    stroke(canvas.pixels, leader, tag.colour, width=canvas.unit, closed=False)


def _draw_plate(canvas: Canvas, tag: Tag, corner: Place, size: Place) -> None:
    x, y = corner
    plate = canvas.pixels[y : y + size[1], x : x + size[0]]
    plate[:] = (0.25 * plate + 0.75 * np.array(INK)).astype(np.uint8)
    plate[:, : canvas.line(2)] = tag.colour


def _texts(canvas: Canvas, tag: Tag, corner: Place) -> list[Text]:
    size, padding = canvas.line(_TEXT), canvas.line(_MARGIN)
    leading = size * _LEADING
    return [
        Text(
            line,
            corner[0] + 2 * padding,
            corner[1] + padding / 2 + (row + 0.5) * leading,
            size,
            PAPER,
        )
        for row, line in enumerate(tag.lines)
    ]
