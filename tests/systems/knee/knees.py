"""Annotated knees beside found ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from polyclinic.reading import Reading
from polyclinic.sample import Instance, Sample, Spacing
from polyclinic.schema.knee import KNEE_CLASSES, KNEE_LANDMARKS

SIZE = (1000, 1600)
HALF_MM = Spacing.square(0.5, "detector")
RIGHT, LEFT = 0, 1
PLACES = np.stack([np.tile(np.arange(8) * 40.0, 2), np.repeat([0.0, 50.0], 8)], 1)


def knee(side=RIGHT, shift=(0, 0), **known):
    """Sixteen landmarks on a grid, moved by `shift` px: one step, or (16, 2)."""
    points = PLACES + np.add((300 + 700 * side, 400), shift)
    landmarks = np.column_stack([points, np.full(16, 2.0)])
    box = np.concatenate([points.min(0) - 20, points.max(0) + 20])
    return Instance(box=box, category=side, **{"landmarks": landmarks, **known})


def implant(side=RIGHT, **known):
    """A knee replacement: a box without landmarks."""
    return knee(side, landmarks=None, labels={"knee": "implant"}, **known)


def found(side=RIGHT, shift=(0, 0), score=0.9, **known):
    """A find."""
    return knee(side, shift, score=score, **known)


def film(true, read, image=1, spacing=HALF_MM, **reading):
    """A film with annotated knees beside its reading."""
    sample = Sample(
        image_id=image,
        size=SIZE,
        spacing=spacing,
        instances=None if true is None else tuple(true),
    )
    known = {"classes": KNEE_CLASSES, "landmark_schema": KNEE_LANDMARKS, **reading}
    instances = None if read is None else tuple(read)
    return sample, Reading(image_id=image, size=SIZE, instances=instances, **known)


def unread(case):
    """The same film, which could not be opened."""
    sample, _ = case
    return sample, Reading(image_id=sample.image_id, size=SIZE, error="broken")


def hidden(one, *names):
    """The same knee without some landmarks."""
    landmarks = one.landmarks.copy()
    landmarks[[KNEE_LANDMARKS.index(name) for name in names], 2] = 0
    return replace(one, landmarks=landmarks)
