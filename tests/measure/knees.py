"""Knees with known joint spaces."""

from __future__ import annotations

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
    known = {"landmark_schema": KNEE_LANDMARKS, "instances": knees, **known}
    return Reading(image_id=1, size=(600, 900), classes=KNEE_CLASSES, spacing=spacing, **known)
