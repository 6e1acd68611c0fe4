"""Diameters of found loops beside those of their annotated partners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from polyclinic.measure.length import Trace, length
from polyclinic.metrics.case import spacing_of
from polyclinic.metrics.matching import MatchedCase
from polyclinic.sample import Instance, Spacing
from polyclinic.schema import LandmarkSchema
from polyclinic.systems.nailfold.measure.loop_diameters import landmark_diameters, limbs_by_width

DIAMETERS = ("apical", "arterial", "venous")


@dataclass(frozen=True, eq=False, kw_only=True)
class DiameterPairs:
    """(N,) diameters of found loops and of their annotated partners; NaN where not measurable."""

    name: str
    unit: Literal["px", "um"]
    found: NDArray[np.float64]
    true: NDArray[np.float64]


def diameter_pairs(
    matched: Sequence[MatchedCase], schema: LandmarkSchema
) -> tuple[DiameterPairs, ...]:
    """Landmark diameters of each found loop beside those of its annotated partner.

    Returns:
        Apical, arterial and venous in px, then in um over the images whose scale is known.
        Arterial is the thinner limb on each side of the comparison.
    """
    rows = []
    units: tuple[Literal["px", "um"], ...] = ("px", "um")
    for unit in units:
        pairs = [
            (_diameters(read, schema, scale), _diameters(true, schema, scale))
            for one in matched
            for scale in [spacing_of(one.case) if unit == "um" else Spacing.unknown()]
            if unit == "px" or scale.known
            for true, read in one.pairs
        ]
        table = np.array(pairs, float).reshape(-1, 2, len(DIAMETERS))
        rows += [
            DiameterPairs(name=name, unit=unit, found=table[:, 0, i], true=table[:, 1, i])
            for i, name in enumerate(DIAMETERS)
        ]
    return tuple(rows)


def _diameters(
    instance: Instance, schema: LandmarkSchema, spacing: Spacing
) -> tuple[float, float, float]:
    """Apical, arterial, venous; NaN where a landmark is missing."""
    traces = landmark_diameters(instance, schema)
    arterial, venous = limbs_by_width(traces.left, traces.right, spacing)
    apical, arterial_length, venous_length = (
        _length(trace, spacing) for trace in (traces.apical, arterial, venous)
    )
    return apical, arterial_length, venous_length


def _length(trace: Trace, spacing: Spacing) -> float:
    return np.nan if trace.points is None else length(trace.points, spacing)
