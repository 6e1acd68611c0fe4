"""Fields of stacks with known defocus, each with a focus of its own."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from bench.defocus_fields import read_deep, write_deep, write_table
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, uniform_filter1d

from polyclinic.metrics.figure import Values

SIDE = 64
TRAINING_ROWS = range(0, 481, 32)
TEST_ROWS = range(576, 705, 64)
"""First rows of fields: 32 pixels lie between those that teach and those that judge."""

FINE, COARSE = 1.0, 2.5
"""Between Gaussians of these lies the detail, in pixels, by which focus is found."""

MARGIN = 2
"""Planes that must lie beyond the focus of a field, on either side."""

MOST_LEFT = 0.5
"""Share of the detail in focus that may be left at the plane with the least."""


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A table of fields.

    Args:
        table: a CSV file.
        white: the grey value that became white: the largest in the rows that teach, rounded up to
            a hundred.
        farthest: micrometres out of focus.
    """

    table: Path
    white: int
    farthest: float


def cut_stacks(home: Path, data: Path) -> Cut:
    """Fields of every plane of the defocus stacks, as a table.

    The specimens are not flat: where the lower rows of a stack are in focus, the upper ones are
    not. So each field has a focus of its own (`focus_of`); `quality` counts micrometres from
    there, and the plane there is the sharp partner of the others. A field of all planes is a
    patient.
    """
    stacks = _stacks(data)
    lower = max(TRAINING_ROWS) + SIDE
    brightest = max(one.pixels[:, :lower].max() for one in stacks)
    white = math.ceil(brightest / 100) * 100
    rows = [row for one in stacks for row in _rows_of(one, home, white)]
    farthest = max(row["quality"] for row in rows)
    return Cut(table=write_table(home / "fields.csv", rows), white=white, farthest=farthest)


@dataclass(frozen=True, eq=False, kw_only=True)
class Stack:
    """All planes of a specimen.

    Args:
        name: of the specimen.
        pixels: (Z, H, W).
        defocus: (Z,) micrometres from the published focus, ascending.
    """

    name: str
    pixels: NDArray[np.uint16]
    defocus: Values


def _stacks(data: Path) -> list[Stack]:
    with (data / "labels.csv").open(encoding="utf-8", newline="") as file:
        labels = sorted(csv.DictReader(file), key=lambda row: float(row["defocus_um"]))
    stacks = []
    for name in sorted({row["stack"] for row in labels}):
        planes = [row for row in labels if row["stack"] == name]
        stacks.append(
            Stack(
                name=name,
                pixels=np.stack([read_deep(data / row["image"]) for row in planes]),
                defocus=np.array([float(row["defocus_um"]) for row in planes]),
            )
        )
    return stacks


def _rows_of(stack: Stack, home: Path, white: int) -> Iterable[dict[str, Any]]:
    for part, tops, step in (("test", TEST_ROWS, SIDE), ("train", TRAINING_ROWS, SIDE // 2)):
        for top, left in product(tops, range(0, stack.pixels.shape[2] - SIDE + 1, step)):
            field = f"{stack.name}-{top}-{left}"
            pixels = stack.pixels[:, top : top + SIDE, left : left + SIDE]
            focus = focus_of(pixels)
            for plane in range(len(pixels)) if focus is not None else ():
                file = f"{field}/{plane:02d}.png"
                write_deep(home / file, pixels[plane], white)
                apart = round(abs(float(stack.defocus[plane] - stack.defocus[focus])), 3)
                yield {
                    "image": file,
                    "patient_id": field,
                    "split": part,
                    "quality": apart,
                    "published": abs(float(stack.defocus[plane])),
                    "sharp_image": f"{field}/{focus:02d}.png" if plane != focus else "",
                }


def focus_of(pixels: NDArray[Any]) -> int | None:
    """The plane (Z, H, W) with the most detail; None where none can be told.

    That is where it lies too near an end of the stack, or detail hardly changes, as where there is
    nothing to be seen. The mean of three planes counts.
    """
    detail = uniform_filter1d(detail_of(pixels.astype(float)), 3, mode="nearest")
    focus = int(detail.argmax())
    inside = MARGIN <= focus < len(detail) - MARGIN
    return focus if inside and detail.min() <= MOST_LEFT * detail.max() else None


def detail_of(images: Values) -> Values:
    """(N,) fine detail of (N, H, W) images: the variance of a difference of Gaussians."""
    bands = [gaussian_filter(one, FINE) - gaussian_filter(one, COARSE) for one in images]
    return np.array([float(band.var()) for band in bands])
