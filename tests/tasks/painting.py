"""Painted loops whose boxes, masks, classes and landmarks are known exactly."""

from __future__ import annotations

import cv2
import numpy as np

from polyclinic.geometry import Size
from polyclinic.sample import Instance, Mask, Sample
from polyclinic.schema import LandmarkSchema

CLASSES = ("wide", "narrow")
SCHEMA = LandmarkSchema(
    names=("top", "left foot", "right foot"), swaps=(("left foot", "right foot"),)
)


def paint_loop(size: Size, x: int, y: int, width: int, height: int, thick: int) -> Mask:
    """An arch on two legs; x and y are its top left, between the middles of its lines."""
    canvas = np.zeros(size, np.uint8)
    corners = [(x, y + height), (x, y), (x + width, y), (x + width, y + height)]
    cv2.polylines(canvas, [np.array(corners, np.int32)], False, 1, thick)
    return Mask.from_array(canvas > 0)


def paint_sample(seed: int = 0, *, size: Size = (96, 128), loops: int = 3) -> Sample:
    """An image with loops side by side, in turn wide (red) and narrow (blue)."""
    rng = np.random.default_rng(seed)
    image = np.full((*size, 3), 190, np.uint8)
    instances = []
    for number in range(loops):
        category = (number + seed) % 2
        width, height = ((22, 14)[category], int(rng.integers(40, 56)))
        x = 8 + number * (size[1] - 16) // loops + int(rng.integers(0, 6))
        y = 10 + int(rng.integers(0, size[0] - height - 20))
        mask = paint_loop(size, x, y, width, height, 5)
        image[mask.array()] = ((150, 40, 40), (40, 40, 150))[category]
        landmarks = np.array(
            [[x + width / 2, y, 2], [x, y + height, 2], [x + width, y + height, 2]], float
        )
        instances.append(
            Instance(box=mask.box(), category=category, mask=mask, landmarks=landmarks)
        )
    noisy = np.clip(image + rng.normal(0, 4, image.shape), 0, 255).astype(np.uint8)
    return Sample(
        image_id=seed,
        size=size,
        image=noisy,
        instances=tuple(instances),
        labels={"crowded": int(loops > 2)},
    )
