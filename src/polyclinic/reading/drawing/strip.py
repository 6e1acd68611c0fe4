"""The strip below an overlay: title, legend, remarks and scale bar."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.reading.drawing.canvas import Canvas
from polyclinic.reading.drawing.lettering import Text, letter, width
from polyclinic.reading.palette import INK, MUTED, PAPER, Colour
from polyclinic.sample import Spacing

_TEXT, _GAP, _ROW = 13.0, 12.0, 24.0
_LEAST_WIDTH = 480


@dataclass(frozen=True)
class Strip:
    """What stands below the picture.

    Args:
        title: which image it is and what is shown.
        legend: (name, colour) pairs.
        remark: cautions, may be empty.
        spacing: for the scale bar.
    """

    title: str
    legend: tuple[tuple[str, Colour], ...]
    remark: str
    spacing: Spacing


def with_strip(canvas: Canvas, strip: Strip) -> NDArray[np.uint8]:
    """The picture with the strip below it; a narrow picture gets a margin on the right."""
    columns = max(canvas.pixels.shape[1], _LEAST_WIDTH)
    texts, swatches, rows = _lay_out(canvas, strip, columns)
    band = np.full((rows, columns, 3), INK, np.uint8)
    for x, y, colour in swatches:
        half = canvas.line(_TEXT * 0.4)
        band[y - half : y + half, x : x + 2 * half] = colour
    texts += _scale_bar(canvas, strip.spacing, band)
    letter(band, texts)
    margin = columns - canvas.pixels.shape[1]
    picture = np.pad(canvas.pixels, ((0, 0), (0, margin), (0, 0)))
    return np.concatenate([picture, band])


def scale_length_um(widest_um: float) -> float:
    """The longest of 1, 2, 5 x 10^n µm that is not longer than `widest_um`."""
    power = 10.0 ** math.floor(math.log10(widest_um))
    return power * max(step for step in (1, 2, 5) if step * power <= widest_um)


def _lay_out(
    canvas: Canvas, strip: Strip, columns: int
) -> tuple[list[Text], list[tuple[int, int, Colour]], int]:
    """Title in the first row, then legend entries and remark, wrapped; the bar keeps its corner."""
    size, gap, row = canvas.line(_TEXT), canvas.line(_GAP), canvas.line(_ROW)
    end = columns - gap - _bar_room(columns)
    x, y = gap, row // 2 + gap // 3
    texts = [Text(_cut(strip.title, size, end - gap), x, y, size, PAPER)]
    swatches = []
    y += row
    for name, colour in strip.legend:
        shown = _cut(name, size, end - 3 * gap)
        needed = width(shown, size) + 2 * gap
        if x > gap and x + needed > end:
            x, y = gap, y + row
        swatches.append((x, y, colour))
        texts.append(Text(shown, x + round(1.4 * gap), y, size, PAPER))
        x += needed + gap
    if strip.remark:
        if x > gap:
            y += row
        texts.append(Text(_cut(strip.remark, size, end - gap), gap, y, size, MUTED))
    return texts, swatches, y + row // 2 + gap // 3


def _scale_bar(canvas: Canvas, spacing: Spacing, band: NDArray[np.uint8]) -> list[Text]:
    size, gap, row = canvas.line(_TEXT), canvas.line(_GAP), canvas.line(_ROW)
    right, y = band.shape[1] - gap, row // 2 + gap // 3
    room = _bar_room(band.shape[1])
    if not spacing.known:
        words = _cut("scale unknown", size, room)
        return [Text(words, right - width(words, size), y, size, MUTED)]
    um_per_pixel = 1000 * spacing.column_mm / canvas.factor
    length = scale_length_um(0.6 * canvas.pixels.shape[1] / band.shape[1] * room * um_per_pixel)
    pixels = round(length / um_per_pixel)
    words = f"{length:g} µm" if length < 1000 else f"{length / 1000:g} mm"
    if spacing.origin != "calibrated":
        words += f" ({spacing.origin})"
    thick = canvas.line(3)
    bar = y + row - thick
    cv2.rectangle(band, (right - pixels, bar), (right - 1, bar + thick - 1), PAPER, -1)
    words = _cut(words, size, room)
    return [Text(words, right - width(words, size), y, size, PAPER)]


def _bar_room(columns: int) -> int:
    return columns // 4


def _cut(words: str, size: int, room: int) -> str:
    """Words shortened to the room they have."""
    if width(words, size) <= room:
        return words
    while words and width(words + "…", size) > room:
        words = words[:-1]
    return words + "…"
