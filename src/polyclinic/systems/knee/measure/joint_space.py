"""The space between femur and tibia in one compartment of a knee.

Everything is measured in the frame of the tibial plateau: x runs along the straight line from the
medial edge (`tibia_8`, x = 0) to the lateral edge (`tibia_0`, x = tibial width), heights are
perpendicular to it and positive on the side of the intercondylar notch (`femur_3`). So rotating,
moving or mirroring a film changes nothing. Positions are shares of the tibial width, from 0 at
the medial edge, the direction in which the literature counts.

Each bone is bounded by its outline where that is known: as somebody drew it, or as it is seen in
the image (`bone_edges`). Where nothing but landmarks is known it is the smooth curve through
them, which turns away from the joint at the bone's outermost landmark, as rims do. Straight lines
between the landmarks would make a space 0.7 to 1.6 mm too wide: a condyle bulges beyond them.
What is left of that bias on phantoms is in docs/recipes/knee.md. Values of other software, which
measures along axes of its own, are not interchangeable with these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from polyclinic.measure.distances import LANDMARK_MISSING as MISSING
from polyclinic.schema.knee import FEMUR, JOINT_SURFACES, KNEE_LANDMARKS, TIBIA
from polyclinic.systems.knee.measure.facing_lines import gaps, nearest, segments, within

Points = NDArray[np.float64]

BONE_OVERLAP = "bone-overlap"
NO_OPPOSITE_BONE = "no-opposite-bone"
FROM_LANDMARKS = "from-landmarks"

STEPS = 40  # points of a curve between two landmarks
TURN = 0.45
"""How strongly a curve turns away at the rim, in lengths of its last piece.

Chosen on phantoms of other seeds than those of the demonstration: of 0, 0.25, 0.5 ... the values
next to 0.5 leave the least bias.
"""

NOTCH = FEMUR[3]


@dataclass(frozen=True, kw_only=True)
class Compartment:
    """Half a knee: which landmarks draw it, and where its joint space is looked at.

    The spines lie at about 0.41 and 0.56 of the tibial width (mean shape of KNEEL's
    annotations), the feet of their slopes at 0.32 and 0.69. `span` keeps clear of both, and of
    the outer 5 %, where spurs at the edges of both bones come near each other.

    Attributes:
        name: first word of the measurements.
        span: least and greatest position at which the minimum is looked for.
        places: fixed positions, as shares of the tibial width from the medial edge. They are
            every second one of Neumann et al., Osteoarthritis Cartilage 17:761, 2009 (medial;
            seven positions) and of the lateral study of the Osteoarthritis Initiative (0.7 to
            0.9 in steps of 0.025). Those measure along an axis of their own software, not along
            a line between landmarks.
    """

    name: str
    span: tuple[float, float]
    places: tuple[float, ...]

    @property
    def femur(self) -> str:
        """Its joint surface of the femur in `JOINT_SURFACES`."""
        return f"{self.name}_femur"

    @property
    def tibia(self) -> str:
        """Its joint surface of the tibia in `JOINT_SURFACES`."""
        return f"{self.name}_tibia"


MEDIAL = Compartment(name="medial", span=(0.05, 0.3), places=(0.15, 0.2, 0.25, 0.3))
LATERAL = Compartment(name="lateral", span=(0.7, 0.95), places=(0.7, 0.75, 0.8, 0.85))


COMPARTMENTS = (MEDIAL, LATERAL)


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


def least_space(
    points: Points, compartment: Compartment, outlines: Mapping[str, Points] | None = None
) -> Width:
    """The shortest distance between the bones within a compartment.

    Each bone's line is cut at the ends of the span. Where the femur lies under the tibia
    anywhere in between, the space is 0.

    Args:
        points: (16, 2) in the order of `KNEE_LANDMARKS`, square units; NaN where missing.
        compartment: which one.
        outlines: edges of the bones in the same units, by the names of `JOINT_SURFACES`; both of a
            compartment are needed, else it is measured from its landmarks, flagged.
    """
    bones = _bones(points, compartment, outlines or {})
    if bones is None:
        return Width(value=None, flags=(MISSING,))
    low, high = (share * _across(points) for share in compartment.span)
    femur, tibia = (within(bone, low, high) for bone in (bones.femur, bones.tibia))
    ends = np.concatenate([femur[..., 0].ravel(), tibia[..., 0].ravel()])
    return _space(gaps(femur, tibia, ends), nearest(femur, tibia), bones.flags)


def space_at(
    points: Points,
    compartment: Compartment,
    place: float,
    outlines: Mapping[str, Points] | None = None,
) -> Width:
    """The distance between the bones along the perpendicular of the tibial axis at one position.

    Args:
        points: (16, 2) in the order of `KNEE_LANDMARKS`, square units; NaN where missing.
        compartment: which one.
        place: share of the tibial width, from the medial edge.
        outlines: as of `least_space`.
    """
    bones = _bones(points, compartment, outlines or {})
    if bones is None:
        return Width(value=None, flags=(MISSING,))
    gap = gaps(bones.femur, bones.tibia, np.array([place * _across(points)]))
    return _space(gap, float(gap[0]), bones.flags)


def _space(heights: Points, distance: float, flags: tuple[str, ...]) -> Width:
    """The distance, unless the (P,) heights of the femur over the tibia speak against it."""
    if np.isnan(heights).all():
        return Width(value=None, flags=(NO_OPPOSITE_BONE,))
    if np.nanmin(heights) < 0:
        return Width(value=0.0, flags=(BONE_OVERLAP, *flags))
    return Width(value=distance, flags=flags)


@dataclass(frozen=True, eq=False, kw_only=True)
class Surfaces:
    """The joint surfaces of a compartment as smooth curves through its landmarks.

    Args:
        femur, tibia: (N, 2) in the units and the frame of the landmarks, from the middle of the
            joint to the rim.
        origin: (2,) the medial edge of the tibia.
        axis, up: (2,) unit vectors along the plateau, to the lateral side, and to the femur.
        across: the tibial width.
    """

    femur: Points
    tibia: Points
    origin: Points
    axis: Points
    up: Points
    across: float

    def along(self, points: Points) -> Points:
        """(N,) positions of points along the plateau, from the medial edge."""
        return np.asarray((points - self.origin) @ self.axis)

    def framed(self, points: Points) -> Points:
        """(N, 2) points in the frame of the plateau: (x, height)."""
        return np.asarray((points - self.origin) @ np.stack([self.axis, self.up], axis=1))


def surfaces(points: Points, compartment: Compartment) -> Surfaces | None:
    """Draw both joint surfaces of a compartment; None where one of its landmarks is missing.

    Args:
        points: (16, 2) in the order of `KNEE_LANDMARKS`, square units; NaN where missing.
        compartment: which one.
    """
    lateral, medial = _named(points, (TIBIA[0], TIBIA[-1]))
    notch = _named(points, (NOTCH,))[0]
    femur, tibia = (
        _named(points, JOINT_SURFACES[name]) for name in (compartment.femur, compartment.tibia)
    )
    width = _across(points)
    if not (width > 0 and np.isfinite(np.concatenate([femur, tibia, notch[None]])).all()):
        return None
    axis = (lateral - medial) / width
    up = np.array([-axis[1], axis[0]])
    up = up if (notch - medial) @ up >= 0 else -up
    return Surfaces(
        femur=_curve(femur, up),
        tibia=_curve(tibia, -up),
        origin=medial,
        axis=axis,
        up=up,
        across=width,
    )


def _curve(points: Points, away: Points) -> Points:
    """(N, 2) a smooth curve through points, the last of which lies on the rim of its bone.

    A cubic spline over centripetal parameters (Lee, Computer-Aided Design 21:363, 1989), free at
    its first point; at the last one it runs in the direction `away` from the joint.
    """
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    knots = np.concatenate([[0], np.sqrt(lengths).cumsum()])
    if not (np.diff(knots) > 0).all():
        return points
    leaving = TURN * np.sqrt(lengths[-1]) * away
    spline = CubicSpline(knots, points, bc_type=((2, np.zeros(2)), (1, leaving)))
    shares = np.linspace(0, 1, STEPS, endpoint=False)
    places = (knots[:-1, None] + shares * np.diff(knots)[:, None]).ravel()
    return np.asarray(spline(np.append(places, knots[-1])))


@dataclass(frozen=True, eq=False, kw_only=True)
class _Bones:
    """(S, 2, 2) segments, their two ends, (x, height), and how they are known."""

    femur: Points
    tibia: Points
    flags: tuple[str, ...]


def _bones(
    points: Points, compartment: Compartment, outlines: Mapping[str, Points]
) -> _Bones | None:
    """Femur and tibia in the frame of the plateau; None where a landmark is missing."""
    drawn = surfaces(points, compartment)
    if drawn is None:
        return None
    femur, tibia = outlines.get(compartment.femur), outlines.get(compartment.tibia)
    flags: tuple[str, ...] = ()
    if femur is None or tibia is None:
        femur, tibia, flags = drawn.femur, drawn.tibia, (FROM_LANDMARKS,)
    return _Bones(
        femur=segments(drawn.framed(femur)), tibia=segments(drawn.framed(tibia)), flags=flags
    )


def _across(points: Points) -> float:
    lateral, medial = _named(points, (TIBIA[0], TIBIA[-1]))
    return float(np.linalg.norm(lateral - medial))


def _named(points: Points, names: tuple[str, ...]) -> Points:
    return points[[KNEE_LANDMARKS.index(name) for name in names]]
