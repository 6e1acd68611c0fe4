"""Lines and spots inside a knee that look like its outline, or lie across it.

The far rims of the plateau, the walls of the fossa, scars of growth plates, a fabella, calcified
cartilage and vessels, cysts. None of them is annotated: they are what makes the task hard.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.systems.knee.phantoms.layout import Layout, Placed
from polyclinic.systems.knee.phantoms.outline import through
from polyclinic.systems.knee.phantoms.paint import Plane, add, stroke
from polyclinic.systems.knee.phantoms.patient import Knee
from polyclinic.systems.knee.phantoms.shape import Shape

Points = NDArray[np.float64]

_FABELLA, _CHONDROCALCINOSIS, _CALCIFIED_VESSEL = 0.2, 0.08, 0.12


@dataclass(frozen=True, eq=False, kw_only=True)
class Line:
    """A thin shadow.

    Args:
        pieces: each (N, 2) in mm of the knee; a single point makes a spot.
        width_mm: full width at half of the height.
        attenuation: at its middle; below 0 for a gap in the bone.
    """

    pieces: list[Points]
    width_mm: float
    attenuation: float


def add_details(
    film: Plane, knee: Knee, leg: Placed, layout: Layout, rng: np.random.Generator
) -> None:
    """Add what lies inside a native knee to a film's attenuation."""
    for line in draw_details(knee, rng):
        pieces = [leg.to_film.points(piece) for piece in line.pieces]
        painted = stroke(pieces, line.width_mm / layout.spacing_mm, layout.size)
        if painted is not None:
            dense = np.float32(line.attenuation * knee.density)
            add(film, painted.left, painted.top, painted.coverage * dense)


def draw_details(knee: Knee, rng: np.random.Generator) -> list[Line]:
    """Draw what a knee has of them."""
    shape = knee.shape
    lines = [*_far_rims(shape, rng), _fossa(shape, rng), *_growth_scars(shape, rng)]
    if rng.random() < _FABELLA:
        lines.append(_spot((-25, -17), (3, 4), rng.uniform(5, 8), 0.16, rng))
    if rng.random() < _CHONDROCALCINOSIS:
        lines += _calcified_cartilage(shape, rng)
    if rng.random() < _CALCIFIED_VESSEL:
        lines.append(_calcified_vessel(rng))
    for _ in range(rng.poisson((0, 0, 0.1, 0.5, 1.2)[knee.disease.grade])):
        x, y = shape.tibia_bare[7 if knee.disease.worn == "medial" else 1]
        lines.append(_spot((x, y + 6), (6, 1.5), rng.uniform(2.5, 6), -0.14, rng))
    return lines


def _far_rims(shape: Shape, rng: np.random.Generator) -> list[Line]:
    """The plateau's other rim: each compartment is a disc that is seen a little from above."""
    rims = []
    for rim in (shape.tibia_bare[:3], shape.tibia_bare[6:]):
        sag = rng.uniform(1.5, 6.0)
        lower = rim + sag * np.array([[0, 0.35], [0, 1.0], [0, 0.5]])
        rims.append(
            Line(
                pieces=[through(lower)],
                width_mm=rng.uniform(0.6, 1.4),
                attenuation=rng.uniform(0.05, 0.24),
            )
        )
    return rims


def _fossa(shape: Shape, rng: np.random.Generator) -> Line:
    """The roof of the intercondylar fossa further back, above the notch."""
    lateral, roof, medial = shape.femur_bare[2:5]
    up = rng.uniform(4, 11)
    shifts = np.array([(1, -2), (-5, 1 - up), (5, 1 - up), (-1, -2)])
    arch = np.stack([lateral, roof, roof, medial]) + shifts
    width, dense = rng.uniform(0.7, 1.3), rng.uniform(0.04, 0.16)
    return Line(pieces=[through(arch)], width_mm=width, attenuation=dense)


def _growth_scars(shape: Shape, rng: np.random.Generator) -> list[Line]:
    lines = []
    for height, half in ((-23.0, 36.0), (17.0, 33.0)):
        x = np.linspace(-half, half, 9) * rng.uniform(0.7, 0.95)
        y = height + rng.normal(0, 1.5) + rng.normal(0, 0.7, 9) + 2.5 * np.cos(x / half * 3)
        pieces = [through(shape.size * np.column_stack([x, y]))]
        lines.append(Line(pieces=pieces, width_mm=0.9, attenuation=rng.uniform(0.0, 0.09)))
    return lines


def _spot(
    at: tuple[float, float],
    spread: tuple[float, float],
    width: float,
    dense: float,
    rng: np.random.Generator,
) -> Line:
    middle = np.array(at) + rng.normal(0, spread)
    return Line(
        pieces=[middle + np.array([[-0.1 * width, 0], [0.1 * width, 0.1 * width]])],
        width_mm=float(width),
        attenuation=dense,
    )


def _calcified_cartilage(shape: Shape, rng: np.random.Generator) -> list[Line]:
    """Thin lines half-way between the bones."""
    lines = []
    for tibia, femur in (((0, 1, 2), (0, 1, 2)), ((6, 7, 8), (4, 5, 6))):
        between = (shape.tibia_bare[list(tibia)] + shape.femur_bare[list(femur)]) / 2
        dense = rng.uniform(0.03, 0.09)
        lines.append(Line(pieces=[through(between)], width_mm=1.0, attenuation=dense))
    return lines


def _calcified_vessel(rng: np.random.Generator) -> Line:
    """Flecks in both walls of the popliteal artery, behind everything."""
    y = np.arange(-140.0, 110.0, 2.5)
    middle = rng.uniform(-4, 10) + 6 * np.sin(y / rng.uniform(30, 60) + rng.uniform(0, 6))
    pieces = []
    for wall in (-2.6, 2.6):
        starts = np.column_stack([middle + wall, y])
        flecks = starts[rng.random(len(y)) < 0.55]
        lengths = rng.uniform(0.8, 2.6, (len(flecks), 1))
        pieces += list(np.stack([flecks, flecks + lengths * np.array([0, 1])], axis=1))
    return Line(pieces=pieces, width_mm=0.9, attenuation=float(rng.uniform(0.08, 0.25)))
