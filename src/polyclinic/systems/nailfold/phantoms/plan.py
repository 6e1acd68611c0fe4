"""The measures of one loop before it is drawn, in µm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from polyclinic.systems.nailfold.phantoms.disease import Shape


@dataclass(frozen=True, kw_only=True)
class Wave:
    """A sideways undulation of a limb with depth below the apex."""

    amplitude_um: float
    wavelength_um: float
    phase: float


@dataclass(frozen=True, kw_only=True)
class Bulge:
    """A local change of diameter at an arc length from the apex, left negative."""

    arc_um: float
    gain_um: float
    width_um: float


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A side vessel that leaves a limb or the apex.

    Args:
        arc_um: where it leaves, as arc length from the apex, left negative.
        heading: direction in radians, 0 to the right, pi/2 towards the finger tip.
        curl: change of direction per µm.
        length_um, diameter_um: its size.
    """

    arc_um: float
    heading: float
    curl: float
    length_um: float
    diameter_um: float


@dataclass(frozen=True, kw_only=True)
class LoopPlan:
    """Measures of one loop; depth runs from the apex away from the finger tip.

    Args:
        shape: morphology.
        left_um, apical_um, right_um: diameters of the limbs and the apex.
        half_gap_um: half of the distance between the limbs' middle lines.
        bend_um: depth over which the limbs turn into each other.
        spread: change of `half_gap_um` per µm of depth.
        lean_um: sideways shift of both limbs at a depth of 200 µm.
        length_um: depth at which the limbs fade.
        left_waves, right_waves: undulations.
        crossing_um: depth at which the limbs change sides.
        bulges, branches: irregularities.
        arterial_side: the side of the arterial limb.
        clump_um: sludge: the blood column is broken into clumps about this long.
    """

    shape: Shape
    left_um: float
    apical_um: float
    right_um: float
    half_gap_um: float
    bend_um: float
    spread: float
    lean_um: float
    length_um: float
    left_waves: tuple[Wave, ...] = ()
    right_waves: tuple[Wave, ...] = ()
    crossing_um: float | None = None
    bulges: tuple[Bulge, ...] = ()
    branches: tuple[Branch, ...] = ()
    arterial_side: Literal["left", "right"] = "left"
    clump_um: float | None = None

    @property
    def outer_width_um(self) -> float:
        """Width of the loop at its shoulders."""
        return 2 * self.half_gap_um + (self.left_um + self.right_um) / 2
