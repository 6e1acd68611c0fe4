"""Chance along a vessel: uneven walls, uneven blood, blood in clumps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyclinic.systems.nailfold.phantoms.plan import LoopPlan

Floats = NDArray[np.float64]

_SHAKE_UM = 0.35  # spread of the diameter


def shake(rng: np.random.Generator, arc: Floats) -> Floats:
    """Unevenness of the diameter along a limb, in µm."""
    knots = np.arange(0, arc[-1] + 30, 30)
    values = rng.normal(0, _SHAKE_UM, len(knots))
    values[0] = 0  # both limbs share the disc at the apex
    return np.interp(arc, knots, values)


def redness(rng: np.random.Generator, arc: Floats) -> Floats:
    """Share of red cells along a limb, about 1."""
    knots = np.arange(0, arc[-1] + 14, 14)
    return np.interp(arc, knots, rng.normal(1, 0.08, len(knots)))


def clumps(plan: LoopPlan, rng: np.random.Generator) -> Floats:
    """(2, N) arc length from the apex, left negative, and the blood there as a factor."""
    if plan.clump_um is None:
        return np.array([[0.0], [1.0]])
    reach = plan.length_um * 2
    arcs, values, at = [], [], -reach
    while at < reach:
        dense, thin = plan.clump_um * rng.uniform(0.5, 1.7), plan.clump_um * rng.uniform(0.4, 0.75)
        arcs += [at, at + 4, at + dense - 4, at + dense, at + dense + thin - 0.1]
        strong = rng.uniform(1.7, 2.6)
        values += [0.18, strong, strong * rng.uniform(0.7, 1), 0.18, 0.18]
        at += dense + thin
    return np.array([arcs, values])
