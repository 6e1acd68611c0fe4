"""Agreement of the diameters of matched loops."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from polyclinic.measure.length import Trace, length
from polyclinic.measure.loop_diameters import landmark_diameters, limbs_by_width
from polyclinic.metrics.agreement import Agreement, agreement
from polyclinic.metrics.case import spacing_of
from polyclinic.metrics.matching import MatchedCase
from polyclinic.sample import Instance, Spacing
from polyclinic.schema import LandmarkSchema

DIAMETERS = ("apical", "arterial", "venous")


def diameter_agreement(
    matched: Sequence[MatchedCase], schema: LandmarkSchema
) -> dict[tuple[str, str], Agreement]:
    """Compare landmark diameters of each found loop with those of its annotated partner.

    Returns:
        By (diameter, unit): apical, arterial and venous in px, and in um over the images whose
        scale is known. Arterial is the thinner limb on each side of the comparison.
    """
    figures = {}
    for unit in ("px", "um"):
        pairs = [
            (_diameters(read, schema, scale), _diameters(true, schema, scale))
            for one in matched
            for scale in [spacing_of(one.case) if unit == "um" else Spacing.unknown()]
            if unit == "px" or scale.known
            for true, read in one.pairs
        ]
        for column, name in enumerate(DIAMETERS):
            found, true = [f[column] for f, _ in pairs], [t[column] for _, t in pairs]
            figures[name, unit] = agreement(found, true)
    return figures


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
