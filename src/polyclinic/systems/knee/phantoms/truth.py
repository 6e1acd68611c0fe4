"""What is true of a film, as annotations."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.sample import Instance
from polyclinic.schema.knee import IMPLANT, JOINT_SURFACES, KNEE, KNEE_LANDMARKS, NATIVE
from polyclinic.systems.knee.phantoms.layout import Layout, Placed
from polyclinic.systems.knee.phantoms.outline import femur_outline, tibia_outline
from polyclinic.systems.knee.phantoms.patient import SIDES, Knee, Patient

MARGIN_MM = 8.0
"""From the outermost landmarks to the edge of a knee's box."""


def instances(patient: Patient, layout: Layout) -> tuple[Instance, ...]:
    """The knees on a film; one that is lost or outside the field has no annotation.

    Native knees have 16 landmarks, those outside the film or field with visibility 0. A
    replacement has its box alone. `Instance.outlines` are the joint surfaces as they are painted,
    `Instance.extra["truth"]` holds gaps and sizes in mm.
    """
    knees = []
    for leg in layout.legs:
        if leg.side != layout.hidden:
            category = SIDES.index(leg.side)
            knees.append(_instance(patient.knees[category], leg, layout, category))
    return tuple(knees)


def _instance(knee: Knee, leg: Placed, layout: Layout, category: int) -> Instance:
    points = leg.to_film.points(knee.shape.landmarks)
    labels: dict[str, Any] = {KNEE: IMPLANT if knee.implant else NATIVE}
    if not knee.implant:
        labels["kl"] = knee.disease.grade
    return Instance(
        box=_box(points, layout),
        category=category,
        landmarks=None if knee.implant else _landmarks(points, layout),
        outlines={} if knee.implant else _outlines(knee, leg),
        labels=labels,
        extra={} if knee.implant else {"truth": _truth(knee)},
    )


def _landmarks(points: NDArray[np.float64], layout: Layout) -> NDArray[np.float64]:
    seen = layout.in_sight(points)
    landmarks = np.column_stack([points, np.where(seen, 2.0, 0.0)])
    landmarks[~seen] = 0
    return landmarks


def _outlines(knee: Knee, leg: Placed) -> dict[str, NDArray[np.float64]]:
    """The outlines of femur and tibia from the middle of the joint to either rim, film pixels."""
    drawn = {
        "femur": femur_outline(knee.shape, knee.valgus),
        "tibia": tibia_outline(knee.shape),
    }
    lines = {}
    for name, names in JOINT_SURFACES.items():
        outline = drawn[name.split("_")[1]]
        ends = knee.shape.landmarks[[KNEE_LANDMARKS.index(names[end]) for end in (0, -1)]]
        first, last = sorted(int(np.linalg.norm(outline - end, axis=1).argmin()) for end in ends)
        lines[name] = leg.to_film.points(outline[first : last + 1]).round(2)
    return lines


def _box(points: NDArray[np.float64], layout: Layout) -> NDArray[np.float64]:
    margin = MARGIN_MM / layout.spacing_mm
    box = np.concatenate([points.min(0) - margin, points.max(0) + margin])
    height, width = layout.size
    return np.clip(box, -0.5, (width - 0.5, height - 0.5) * 2)


def _truth(knee: Knee) -> dict[str, Any]:
    """Fit for JSON; gaps are vertical in the frame of the knee."""
    disease, tibia = knee.disease, knee.shape.tibia_bare
    return {
        "medial_mm": disease.medial_mm,
        "lateral_mm": disease.lateral_mm,
        "worn": disease.worn,
        "plateau_mm": float(tibia[8, 0] - tibia[0, 0]),
        "osteophytes_mm": disease.lips_mm.tolist(),
    }
