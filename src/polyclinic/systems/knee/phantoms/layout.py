"""What a film shows, and where: frame, knees, collimated field."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from polyclinic.geometry import Homography
from polyclinic.systems.knee.phantoms.patient import SIDES, KneePhantomConfig, Side

Kind = Literal["both", "missing", "single"]
Floats = NDArray[np.float64]

_DEGREES = 6.0
_APART_MM = (86.0, 102.0)  # of a knee from the middle between both
_NEAR_BORDER_MM = (26.0, 45.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Placed:
    """A leg on the film: `to_film` maps mm of the knee's frame to pixels."""

    side: Side
    to_film: Homography
    centre: Floats
    degrees: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Layout:
    """One film before anything is drawn.

    Args:
        kind: which knees it shows.
        size: (height, width) in pixels.
        spacing_mm: pixel size.
        legs: the legs that are there, right before left.
        hidden: the side outside the collimated field, if any.
        field: (4, 2) corners of the collimated field in pixels.
    """

    kind: Kind
    size: tuple[int, int]
    spacing_mm: float
    legs: tuple[Placed, ...]
    hidden: Side | None
    field: Floats

    @property
    def laterality(self) -> str:
        """R or L of films of one knee, else B."""
        return self.legs[0].side if self.kind == "single" else "B"

    def in_sight(self, points: Floats) -> NDArray[np.bool_]:
        """(N,) whether points lie on the film and in the field."""
        x, y = points.T
        height, width = self.size
        on_film = (x >= -0.5) & (y >= -0.5) & (x <= width - 0.5) & (y <= height - 0.5)
        edges = np.roll(self.field, -1, axis=0) - self.field
        to_points = points[:, None] - self.field
        turns = edges[:, 0] * to_points[..., 1] - edges[:, 1] * to_points[..., 0]
        return np.asarray(on_film & (turns >= 0).all(1))


def draw_layout(kind: Kind, config: KneePhantomConfig, rng: np.random.Generator) -> Layout:
    """Draw frame, poses and collimation."""
    spacing = round(float(rng.uniform(*config.spacing_mm)), 4)
    wide, high = ((175, 235), (235, 300)) if kind == "single" else ((350, 425), (250, 340))
    frame_mm = np.array([rng.uniform(*wide), rng.uniform(*high)])
    frame_mm[0] = min(frame_mm[0], config.widest_px * spacing)
    width, height = (round(float(one)) for one in frame_mm / spacing)
    shown = _shown(kind, rng)
    centres = _centres(shown, frame_mm, config.off_centre, rng)
    hidden = None
    if kind == "missing":
        lost = SIDES[1] if rng.random() < 0.5 else SIDES[0]
        if rng.random() < 0.5:
            hidden = lost
        else:
            del centres[lost]
    legs = tuple(_placed(side, at / spacing, spacing, rng) for side, at in centres.items())
    return Layout(
        kind=kind,
        size=(height, width),
        spacing_mm=spacing,
        legs=legs,
        hidden=hidden,
        field=_field(frame_mm, hidden, rng) / spacing - 0.5,
    )


def _shown(kind: Kind, rng: np.random.Generator) -> tuple[Side, ...]:
    return (SIDES[rng.integers(2)],) if kind == "single" else SIDES


def _centres(
    sides: tuple[Side, ...], frame_mm: Floats, off_centre: float, rng: np.random.Generator
) -> dict[Side, Floats]:
    """Where the middle of each knee lies, in mm; the right knee is on the left of the film."""
    middle = frame_mm / 2 + rng.normal(0, (6, 0.04 * frame_mm[1]))
    apart = rng.uniform(*_APART_MM) if len(sides) > 1 else 0.0
    centres = {
        side: middle + np.array([-apart if side == "R" else apart, 0]) + rng.normal(0, (3, 4))
        for side in sides
    }
    if rng.random() >= off_centre:
        return centres
    edge = rng.uniform(*_NEAR_BORDER_MM)
    if rng.random() < 0.5:
        target = edge if rng.random() < 0.5 else frame_mm[1] - edge
        shift = target - np.mean([at[1] for at in centres.values()])
        return {side: at + np.array([0, shift]) for side, at in centres.items()}
    leading = sides[rng.integers(len(sides))]
    outwards = edge if leading == "R" else frame_mm[0] - edge
    shift = outwards - centres[leading][0]
    return {
        side: at + np.array([shift if side == leading else shift / 4, 0])
        for side, at in centres.items()
    }


def _placed(side: Side, centre: Floats, spacing: float, rng: np.random.Generator) -> Placed:
    degrees = float(np.clip(rng.normal(0, 3), -_DEGREES, _DEGREES))
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    mirror = 1 if side == "R" else -1
    matrix = np.eye(3)
    matrix[:2, :2] = np.array([[cos, -sin], [sin, cos]]) @ np.diag([mirror, 1]) / spacing
    matrix[:2, 2] = centre
    return Placed(side=side, to_film=Homography(matrix), centre=centre, degrees=degrees)


def _field(frame_mm: Floats, hidden: Side | None, rng: np.random.Generator) -> Floats:
    """(4, 2) corners in mm, clockwise as seen from the top left."""
    width, height = frame_mm
    inset = rng.uniform(-3, 9, 4) if rng.random() < 0.6 else np.full(4, -5.0)
    left, top, right, bottom = inset[0], inset[1], width - inset[2], height - inset[3]
    if hidden == "R":
        left = width / 2 - rng.uniform(0, 20)
    if hidden == "L":
        right = width / 2 + rng.uniform(0, 20)
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    turn = math.radians(rng.normal(0, 0.6))
    middle = corners.mean(0)
    spin = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    return (corners - middle) @ spin.T + middle
