"""Apical and limb diameters of a loop from its landmarks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.measure.length import Trace, length
from polyclinic.sample import Instance, Spacing
from polyclinic.schema import LandmarkSchema

APICAL = ("up", "down")
LEFT = ("left_left", "left_right")
RIGHT = ("right_left", "right_right")
LIMB_RULE = "arterial is the thinner limb, venous the wider (ANFC)"


@dataclass(frozen=True, eq=False, kw_only=True)
class LoopDiameters:
    """The lines across the apex and across each limb, left and right as seen."""

    apical: Trace
    left: Trace
    right: Trace


def landmark_diameters(
    instance: Instance, schema: LandmarkSchema, *, min_confidence: float = 0.0
) -> LoopDiameters:
    """Draw the three diameters between pairs of wall landmarks.

    Source: thuhci/NFCMTL, `cap_params_evaluator.py`.
    """
    return LoopDiameters(
        apical=_across(instance, schema, APICAL, min_confidence),
        left=_across(instance, schema, LEFT, min_confidence),
        right=_across(instance, schema, RIGHT, min_confidence),
    )


def limbs_by_width(left: Trace, right: Trace, spacing: Spacing) -> tuple[Trace, Trace]:
    """Sort two limbs into (arterial, venous) by `LIMB_RULE`; both or neither can be told."""
    if left.points is None or right.points is None:
        missing = Trace(reason=left.reason or right.reason)
        return missing, missing
    if length(left.points, spacing) <= length(right.points, spacing):
        return left, right
    return right, left


def landmark_points(
    instance: Instance,
    schema: LandmarkSchema,
    names: tuple[str, ...],
    min_confidence: float = 0.0,
) -> NDArray[np.float64] | str:
    """(N, 2) places of landmarks by name, or the reason why one can't be used."""
    if any(name not in schema.names for name in names):
        return "landmark-not-in-schema"
    rows = [schema.names.index(name) for name in names]
    landmarks = instance.landmarks
    if landmarks is None or len(landmarks) != len(schema):
        return "landmark-missing"
    found = landmarks[rows]
    values = found.tolist()
    if not all(visibility > 0 for _, _, visibility in values):
        return "landmark-missing"
    if not all(math.isfinite(x) and math.isfinite(y) for x, y, _ in values):
        return "landmark-not-finite"
    confidence = instance.landmark_confidence
    if confidence is not None and not (confidence[rows] >= min_confidence).all():
        return "landmark-uncertain"
    return found[:, :2]


def _across(
    instance: Instance, schema: LandmarkSchema, names: tuple[str, str], min_confidence: float
) -> Trace:
    points = landmark_points(instance, schema, names, min_confidence)
    return Trace(reason=points) if isinstance(points, str) else Trace(points=points)
