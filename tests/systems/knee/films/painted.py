"""Films with a bright spot a knee, whose place is known."""

from __future__ import annotations

import numpy as np

from polyclinic.sample import Instance, Sample, Spacing
from polyclinic.schema import KNEE_LANDMARKS

CENTRE = KNEE_LANDMARKS.index("tibia_4")

SHAPE = np.column_stack(
    [
        np.concatenate([np.linspace(-38, 38, 9), np.linspace(-36, 36, 7)]),
        np.concatenate([np.full(9, 2.0), np.full(7, -6.0)]),
    ]
)
"""(16, 2) mm from the centre of a right knee as it is seen: lateral is on the left."""


def spots(size, places, radius=3.0):
    """An (H, W, 3) film, black but for a soft spot at each (x, y)."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    light = np.zeros(size)
    for x, y in places:
        light += np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * radius**2))
    return np.repeat((255 * light.clip(0, 1)).round().astype(np.uint8)[..., None], 3, axis=2)


def brightest(image):
    """(x, y) of the centre of light."""
    light = np.asarray(image, float)[..., 0]
    rows, columns = np.mgrid[: light.shape[0], : light.shape[1]]
    return np.array([(columns * light).sum(), (rows * light).sum()]) / light.sum()


def landmarks(centre, side, spacing):
    """(16, 3) landmarks of a knee whose tibia_4 lies at `centre`; lateral is to the outside."""
    inwards = 1 if side == "right" else -1
    offsets = (SHAPE - SHAPE[CENTRE]) * (inwards, 1) / (spacing.column_mm, spacing.row_mm)
    return np.column_stack([centre + offsets, np.full(len(SHAPE), 2.0)])


def knee(centre, side="right", spacing=None, **labels):
    """An annotated knee; an implant has no landmarks."""
    spacing = spacing or Spacing.square(1.0, "calibrated")
    points = landmarks(np.asarray(centre, float), side, spacing)
    box = np.concatenate([points[:, :2].min(0) - 5, points[:, :2].max(0) + 5])
    return Instance(
        box=box,
        category=("right", "left").index(side),
        landmarks=None if labels.get("knee") == "implant" else points,
        labels=labels,
    )


def film(size=(240, 400), knees=None, spacing=None, **changes):
    """A film with a spot at the centre of each knee's box; `knees` None is not annotated."""
    middles = [(one.box[:2] + one.box[2:]) / 2 for one in knees or ()]
    image = spots(size, middles)
    return Sample(
        **{
            "image_id": "film",
            "size": size,
            "image": image,
            "spacing": spacing or Spacing.square(1.0, "calibrated"),
            "instances": None if knees is None else tuple(knees),
            **changes,
        }
    )
