"""The share of landmarks that are near enough, at any distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polyclinic.metrics.figure import Values
from polyclinic.metrics.pooled import divided


@dataclass(frozen=True, eq=False, kw_only=True)
class NearLandmarks:
    """How many landmarks of each of N cases lie within T distances of the annotation.

    Args:
        thresholds: (T,) ascending distances.
        near: (N, T) landmarks within each distance.
        asked: (N,) annotated landmarks.
    """

    thresholds: Values
    near: Values
    asked: Values

    def shares(self, weights: Values) -> Values:
        """(R, T) percentage of correct keypoints, as a share, for (R, N) weights of cases.

        A curve of PCK for plots; for each patient left out, its band. NaN where nothing
        was annotated.
        """
        asked = np.broadcast_to((weights @ self.asked)[:, None], (len(weights), self.near.shape[1]))
        return divided(weights @ self.near, asked)


def near_landmarks(
    distances: Values,
    labelled: NDArray[np.bool_],
    rows: NDArray[np.intp],
    cases: int,
    thresholds: Sequence[float] | ArrayLike,
) -> NearLandmarks:
    """Count landmarks within each distance; one that was not found is within none.

    Divide the distances by `RadialErrors.reference_px` for thresholds relative to the object.

    Args:
        distances: (M, K) of instances and landmarks; NaN where not found.
        labelled: (M, K) whether the landmark was annotated and counts.
        rows: (M,) the case of each instance.
        cases: N.
        thresholds: (T,) ascending distances in the same unit.

    Source: Yang and Ramanan, IEEE TPAMI 35, 2013 (PCK); in mm it is the successful detection
    rate of Wang et al., Medical Image Analysis 31, 2016.
    """
    limits = np.asarray(thresholds, float)
    homes = np.broadcast_to(rows[:, None], labelled.shape)
    kept = labelled & np.isfinite(distances)
    first = np.searchsorted(limits, distances[kept], side="left")
    width = len(limits) + 1
    table = np.bincount(homes[kept] * width + first, minlength=cases * width)
    return NearLandmarks(
        thresholds=limits,
        near=table.reshape(cases, width)[:, :-1].cumsum(1).astype(float),
        asked=np.bincount(homes[labelled], minlength=cases).astype(float),
    )
