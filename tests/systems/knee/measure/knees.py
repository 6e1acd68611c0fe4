"""Knees with known joint spaces."""

from __future__ import annotations

import cv2
import numpy as np

from polyclinic.reading import Reading
from polyclinic.sample import Instance, Spacing
from polyclinic.schema.knee import JOINT_SURFACES, KNEE_CLASSES, KNEE_LANDMARKS

PIXEL = Spacing.square(0.3, "detector")

MEAN_SHAPE = np.array(
    [
        *((99, 262.5), (140.5, 262.4), (181, 253), (214, 226.5), (233, 233.5)),
        *((253.6, 221.6), (278, 255.6), (320, 261.6), (362, 258)),
        *((107.7, 238), (145.5, 243), (187.5, 228), (231, 201), (276, 229), (320, 248), (363, 241)),
    ]
)
"""(16, 2) mean landmarks of KNEEL's annotations, a right knee, 0.3 mm pixels (its fact sheet)."""


def flat_knee(gap, *, tilt=0.0):
    """(16, 2): a plateau 80 long and flat, a femur `gap` above it; at the medial end `gap + tilt`.

    The spines and the notch are where they are in a knee.
    """
    x = np.array([0, 12, 25, 35, 40, 45, 55, 68, 80.0])
    tibia = np.stack([x, np.full(9, 100.0)], 1)
    tibia[[3, 5], 1] = 95
    femur_x = np.linspace(-4, 84, 7)
    femur = np.stack([femur_x, 100 - gap - tilt * femur_x / 80], 1)
    femur[3, 1] = 60
    return np.concatenate([tibia, femur])


def knee(points, category=0, **known):
    """A found knee with all landmarks in sight; its bones end in straight lines between them."""
    landmarks = np.column_stack([points, np.full(len(points), 2.0)])
    box = np.concatenate([np.min(points, 0) - 5, np.max(points, 0) + 5])
    outlines = {
        name: np.asarray(points, float)[[KNEE_LANDMARKS.index(one) for one in names]]
        for name, names in JOINT_SURFACES.items()
    }
    known = {"landmarks": landmarks, "outlines": outlines, "score": 0.9, **known}
    return Instance(box=box, category=category, **known)


def film(*knees, spacing=PIXEL, **known):
    """A reading of these knees."""
    known = {
        "size": (600, 900),
        "landmark_schema": KNEE_LANDMARKS,
        "instances": knees,
        **known,
    }
    return Reading(image_id=1, classes=KNEE_CLASSES, spacing=spacing, **known)


PIXEL_MM = 0.2
SIZE = (400, 560)


def bone_ends(gap_mm):
    """(x, height of femur, height of tibia) in pixels: a flat plateau under two round condyles."""
    x = np.arange(SIZE[1], dtype=float)
    tibia = np.full_like(x, 260.0)
    tibia -= 30 * np.exp(-(((x - 280) / 18) ** 2))  # the spines
    middles, radius = np.array([180.0, 380.0]), 150.0
    reach = np.abs(x[:, None] - middles).min(1)
    femur = 260 - gap_mm / PIXEL_MM - (radius - np.sqrt(np.maximum(radius**2 - reach**2, 0)))
    return x, femur, tibia


def drawn(gap_mm, *, noise=40.0, seed=0):
    """A 12-bit image of two bones with so many mm between them, and its 16 landmarks."""
    x, femur, tibia = bone_ends(gap_mm)
    rows = np.arange(SIZE[0])[:, None]
    edge = np.clip(femur - rows + 0.5, 0, 1) + np.clip(rows - tibia + 0.5, 0, 1)
    outside = (x < 80) | (x > 480)
    grey = 900 + 900 * np.where(outside, 0, edge)
    grey = cv2.GaussianBlur(grey, (0, 0), 1.0)
    grey += np.random.default_rng(seed).normal(0, noise, SIZE)
    at = {
        "tibia": np.array([80, 140, 200, 262, 280, 298, 350, 420, 480]),
        "femur": np.array([82, 140, 230, 280, 330, 420, 478]),
    }
    points = np.concatenate(
        [np.column_stack([at[bone], line[at[bone]]]) for bone, line in
         (("tibia", tibia), ("femur", femur))]
    )  # fmt: skip
    return grey.clip(0, 4095).astype(np.uint16), points
