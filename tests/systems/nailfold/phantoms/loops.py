"""Loops of each shape, laid out for tests."""

from __future__ import annotations

import numpy as np

from polyclinic.systems.nailfold.phantoms.disease import Shape
from polyclinic.systems.nailfold.phantoms.loop import Loop, Pose
from polyclinic.systems.nailfold.phantoms.patient import draw_patient
from polyclinic.systems.nailfold.phantoms.shapes import draw_plan
from polyclinic.systems.nailfold.phantoms.trace import trace

SHAPES: tuple[Shape, ...] = (
    "hairpin",
    "tortuous",
    "crossing",
    "dilated",
    "giant",
    "irregular",
    "ramified",
)


def draw_loop(shape: Shape, seed: int, tilt: float = 0.1, um_per_px: float = 1.7) -> Loop:
    rng = np.random.default_rng(seed)
    plan = draw_plan(shape, draw_patient("early", rng), "left", rng)
    pose = Pose(
        apex=np.array([150.3, 60.7]),
        tilt=tilt,
        contrast=1.0,
        um_per_px=um_per_px,
        visible_contrast=0.08,
    )
    return trace(plan, pose, rng)
