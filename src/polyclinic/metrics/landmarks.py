"""Landmark errors and the share of landmarks that are near enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.radial_error import RadialErrors


@dataclass(frozen=True, kw_only=True)
class ErrorSummary:
    """Distribution of distances in one unit (px or µm)."""

    n: int
    median: float
    mean: float
    p95: float


@dataclass(frozen=True, kw_only=True)
class LandmarkError:
    """Errors of one landmark, or of all together, on matched instances.

    Args:
        name: the landmark; "all" for all together.
        labelled: how often it was annotated.
        missing: how often it was annotated but not found.
        px, um: radial errors of those found; None where there are none, or no scale.
    """

    name: str
    labelled: int
    missing: int
    px: ErrorSummary | None
    um: ErrorSummary | None


def landmark_errors(errors: RadialErrors) -> tuple[LandmarkError, ...]:
    """Summarise each landmark by name, then "all" together. Only annotated landmarks count."""
    columns: list[tuple[str, slice]] = [
        (name, slice(column, column + 1)) for column, name in enumerate(errors.names)
    ]
    rows = []
    for name, column in (*columns, ("all", slice(None))):
        labelled = errors.labelled[:, column]
        rows.append(
            LandmarkError(
                name=name,
                labelled=int(labelled.sum()),
                missing=int((labelled & np.isnan(errors.px[:, column])).sum()),
                px=_summary(errors.px[:, column]),
                um=_summary(errors.um[:, column]),
            )
        )
    return tuple(rows)


def pck(errors: RadialErrors, thresholds_px: Sequence[float]) -> Mapping[float, float | None]:
    """Percentage of correct keypoints: share of annotated landmarks within each distance in px.

    A landmark that was not found is wrong. None when none was annotated.

    Source: Yang and Ramanan, IEEE TPAMI 35, 2013.
    """
    return {t: _share(errors.px <= t, errors.labelled) for t in thresholds_px}


def relative_pck(errors: RadialErrors, fractions: Sequence[float]) -> Mapping[float, float | None]:
    """As `pck`, with thresholds that are fractions of each object's reference length.

    Instances whose reference length is not known are left out.
    """
    known = np.isfinite(errors.reference_px)
    px, labelled = errors.px[known], errors.labelled[known]
    reference = errors.reference_px[known, None]
    return {f: _share(px <= f * reference, labelled) for f in fractions}


def _share(near: NDArray[np.bool_], labelled: NDArray[np.bool_]) -> float | None:
    count = int(labelled.sum())
    return float((near & labelled).sum() / count) if count else None


def _summary(distances: NDArray[np.float64]) -> ErrorSummary | None:
    known = distances[np.isfinite(distances)]
    if not len(known):
        return None
    return ErrorSummary(
        n=len(known),
        median=float(np.median(known)),
        mean=float(known.mean()),
        p95=float(np.percentile(known, 95)),
    )
