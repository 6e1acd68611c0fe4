"""A reading in square pixels, for measuring what is drawn at right angles or by round discs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from polyclinic.geometry import Homography
from polyclinic.geometry.move import move_instance
from polyclinic.reading import Reading
from polyclinic.sample import Spacing

SQUARE = 1e-3
"""Rows and columns that differ by a smaller share count as equally high and wide."""


def in_square_pixels(reading: Reading) -> Reading:
    """The same objects in a frame whose pixels are as high as they are wide.

    A distance to the nearest edge, a right angle and a middle line mean something in space only
    where pixels are square: across a vessel that runs along the coarser axis of pixels of 2 : 1 a
    disc is an ellipse. The coarser axis is therefore drawn finer, so that nothing that was seen is
    lost, and the scale follows.

    Args:
        reading: returned as it is where its pixels are square or its scale is unknown. An object
            of which nothing lies inside the frame keeps its place among the others.
    """
    spacing = reading.spacing
    if not spacing.known or reading.instances is None:
        return reading
    side = min(spacing.row_mm, spacing.column_mm)
    down, across = spacing.row_mm / side, spacing.column_mm / side
    if max(down, across) < 1 + SQUARE:
        return reading
    stretch = Homography(
        np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2], [0, 0, 1]])
    )
    size = round(reading.size[0] * down), round(reading.size[1] * across)
    instances = tuple(
        move_instance(one, stretch, size)
        or replace(one, box=stretch.boxes(one.box[None])[0], mask=None, landmarks=None)
        for one in reading.instances
    )
    return replace(
        reading,
        size=size,
        spacing=Spacing.square(side, spacing.origin),
        instances=instances,
        label_maps={},
        measurements=(),
    )
