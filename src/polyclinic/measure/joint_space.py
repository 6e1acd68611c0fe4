"""The space between femur and tibia in one compartment of a knee.

Everything is measured in the frame of the tibial plateau: x runs along the straight line from the
medial edge (`tibia_8`, x = 0) to the lateral edge (`tibia_0`, x = tibial width), heights are
perpendicular to it and positive on the side of the intercondylar notch (`femur_3`). So rotating,
moving or mirroring a film changes nothing. Positions are shares of the tibial width, from 0 at
the medial edge, the direction in which the literature counts.

Both bones are the straight lines between their landmarks. A condyle bulges beyond the chord of
two landmarks, so spaces come out a little wider than between drawn outlines, and values of other
software are not interchangeable with these.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.measure.distances import LANDMARK_MISSING as MISSING
from polyclinic.measure.facing_lines import gaps, nearest, segments, within
from polyclinic.schema.knee import FEMUR, KNEE_LANDMARKS, TIBIA

Points = NDArray[np.float64]

BONE_OVERLAP = "bone-overlap"
NO_OPPOSITE_BONE = "no-opposite-bone"

NOTCH = FEMUR[3]


@dataclass(frozen=True, kw_only=True)
class Compartment:
    """Half a knee: which landmarks draw it, and where its joint space is looked at.

    The spines lie at about 0.41 and 0.56 of the tibial width (mean shape of KNEEL's
    annotations), the feet of their slopes at 0.32 and 0.69. `span` keeps clear of both, and of
    the outer 5 %, where spurs at the edges of both bones come near each other.

    Attributes:
        name: first word of the measurements.
        tibia, femur: landmarks in order.
        span: least and greatest position at which the minimum is looked for.
        places: fixed positions, as shares of the tibial width from the medial edge. They are
            every second one of Neumann et al., Osteoarthritis Cartilage 17:761, 2009 (medial;
            seven positions) and of the lateral study of the Osteoarthritis Initiative (0.7 to
            0.9 in steps of 0.025). Those measure along an axis of their own software, not along
            a line between landmarks.
    """

    name: str
    tibia: tuple[str, ...]
    femur: tuple[str, ...]
    span: tuple[float, float]
    places: tuple[float, ...]


MEDIAL = Compartment(
    name="medial", tibia=TIBIA[4:], femur=FEMUR[3:], span=(0.05, 0.3), places=(0.15, 0.2, 0.25, 0.3)
)
LATERAL = Compartment(
    name="lateral",
    tibia=TIBIA[:5],
    femur=FEMUR[:4],
    span=(0.7, 0.95),
    places=(0.7, 0.75, 0.8, 0.85),
)


@dataclass(frozen=True, kw_only=True)
class Width:
    """A width, or the reason why there is none; 0 where the bones overlap.

    Args:
        value: in the unit of the points.
        flags: `bone-overlap`, or the reason.
    """

    value: float | None
    flags: tuple[str, ...] = ()


def tibial_width(points: Points) -> Width:
    """The distance of the tibial edges.

    Args:
        points: (16, 2) in the order of `KNEE_LANDMARKS`, square units; NaN where missing.
    """
    value = _across(points)
    return Width(value=value) if np.isfinite(value) else Width(value=None, flags=(MISSING,))


def least_space(points: Points, compartment: Compartment) -> Width:
    """The shortest distance between the bones within a compartment.

    Each bone's line is cut at the ends of the span. Where the femur lies under the tibia
    anywhere in between, the space is 0.

    Args:
        points: (16, 2) in the order of `KNEE_LANDMARKS`, square units; NaN where missing.
        compartment: which one.
    """
    bones = _bones(points, compartment)
    if bones is None:
        return Width(value=None, flags=(MISSING,))
    low, high = (share * _across(points) for share in compartment.span)
    femur, tibia = (within(bone, low, high) for bone in bones)
    ends = np.concatenate([femur[..., 0].ravel(), tibia[..., 0].ravel()])
    return _space(gaps(femur, tibia, ends), nearest(femur, tibia))


def space_at(points: Points, compartment: Compartment, place: float) -> Width:
    """The distance between the bones along the perpendicular of the tibial axis at one position.

    Args:
        points: (16, 2) in the order of `KNEE_LANDMARKS`, square units; NaN where missing.
        compartment: which one.
        place: share of the tibial width, from the medial edge.
    """
    bones = _bones(points, compartment)
    if bones is None:
        return Width(value=None, flags=(MISSING,))
    gap = gaps(*bones, np.array([place * _across(points)]))
    return _space(gap, float(gap[0]))


def _space(heights: Points, distance: float) -> Width:
    """The distance, unless the (P,) heights of the femur over the tibia speak against it."""
    if np.isnan(heights).all():
        return Width(value=None, flags=(NO_OPPOSITE_BONE,))
    if np.nanmin(heights) < 0:
        return Width(value=0.0, flags=(BONE_OVERLAP,))
    return Width(value=distance)


def _bones(points: Points, compartment: Compartment) -> tuple[Points, Points] | None:
    """Femur and tibia in the frame of the plateau; None where a landmark is missing.

    Each is (S, 2, 2): segments, their two ends, (x, height).
    """
    lateral, medial = _named(points, (TIBIA[0], TIBIA[-1]))
    notch = _named(points, (NOTCH,))[0]
    femur, tibia = _named(points, compartment.femur), _named(points, compartment.tibia)
    width = _across(points)
    if not (width > 0 and np.isfinite(np.concatenate([femur, tibia, notch[None]])).all()):
        return None
    along = (lateral - medial) / width
    up = np.array([-along[1], along[0]])
    up = up if (notch - medial) @ up >= 0 else -up
    frame = np.stack([along, up], axis=1)
    return segments((femur - medial) @ frame), segments((tibia - medial) @ frame)


def _across(points: Points) -> float:
    lateral, medial = _named(points, (TIBIA[0], TIBIA[-1]))
    return float(np.linalg.norm(lateral - medial))


def _named(points: Points, names: tuple[str, ...]) -> Points:
    return points[[KNEE_LANDMARKS.index(name) for name in names]]
