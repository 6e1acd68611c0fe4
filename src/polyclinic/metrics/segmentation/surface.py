"""How far the outlines of an annotated and a found region lie apart.

The outline of a region are its pixels that have a 4-neighbour outside of it; beyond the edge of
the image nothing is inside. Distances are exact and Euclidean, from the centre of each outline
pixel of one region to the nearest of the other. An outline is measured in pixels, as in MONAI;
DeepMind's surface-distance weighs them by length and gives slightly other figures.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from polyclinic.metrics.figure import Values
from polyclinic.metrics.segmentation.masked import shared_frame
from polyclinic.metrics.segmentation.overlap import Region, same_shape
from polyclinic.sample import Mask

_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


def boundary(region: Region) -> Region:
    """(H, W) the pixels of a region that have a 4-neighbour outside of it or of the image."""
    if not region.size:
        return region.copy()
    filled = np.ascontiguousarray(region, dtype=bool).view(np.uint8)
    inner = cv2.erode(filled, _CROSS, borderType=cv2.BORDER_CONSTANT, borderValue=(0,))
    return np.not_equal(filled, inner)


def surface_distances(
    first: Mask | Region, second: Mask | Region, spacing: tuple[float, float] = (1.0, 1.0)
) -> tuple[Values, Values]:
    """Distances from each outline pixel of one region to the outline of the other.

    Args:
        first: a mask or (H, W) booleans.
        second: one of the same frame.
        spacing: of the rows and of the columns; the distances are in its unit.

    Returns:
        (A,) from the first to the second and (B,) from the second to the first, in the order of
        the pixels. Distances to an empty region are infinite; from one there are none.

    Raises:
        DataError: the two do not lie in one frame.
    """
    if isinstance(first, Mask) and isinstance(second, Mask):
        first, second = shared_frame(first, second)
    one, other = _array(first), _array(second)
    same_shape(one, other)
    here, there = (_outline(region, spacing) for region in (one, other))
    return _nearest(here, there), _nearest(there, here)


def hausdorff_95(there: Values, back: Values) -> float:
    """Larger one of the 95th percentiles of the two directed distances.

    As in MONAI; some tools take the percentile of both directions pooled, in which the longer
    outline weighs more. NaN when both regions are empty, infinite when one is.

    Source: Huttenlocher et al., IEEE TPAMI 1993; 15:850-863, section III (ranked distances).
    """
    reached = [_percentile_95(some) for some in (there, back) if len(some)]
    return max(reached, default=float("nan"))


def mean_surface_distance(there: Values, back: Values) -> float:
    """Mean of the distances of both directions together (average symmetric surface distance).

    NaN when both regions are empty, infinite when one is.

    Source: Heimann et al., IEEE TMI 2009; 28:1251-1265.
    """
    count = len(there) + len(back)
    return float((there.sum() + back.sum()) / count) if count else float("nan")


def surface_dice(there: Values, back: Values, tolerance: float) -> float:
    """Share of both outlines within a tolerance of the other (normalised surface Dice).

    NaN when both regions are empty, 0 when one is.

    Source: Nikolov et al., J Med Internet Res 2021; 23:e26151, with pixels for lengths as in
    Seidlitz et al., Med Image Anal 2022; 80:102488.
    """
    count = len(there) + len(back)
    near = np.count_nonzero(there <= tolerance) + np.count_nonzero(back <= tolerance)
    return near / count if count else float("nan")


def _array(region: Mask | Region) -> Region:
    return region.array() if isinstance(region, Mask) else region


def _outline(region: Region, spacing: tuple[float, float]) -> NDArray[np.float64]:
    width = max(region.shape[1], 1)
    rows, columns = np.divmod(np.flatnonzero(boundary(region)), width)
    return np.stack([rows * spacing[0], columns * spacing[1]], axis=1)


def _nearest(here: Values, there: Values) -> Values:
    if not len(there):
        return np.full(len(here), np.inf)
    tree = cKDTree(there, balanced_tree=False, compact_nodes=False)  # same distances, built faster
    return np.asarray(tree.query(here)[0], float)


def _percentile_95(distances: Values) -> float:
    return float(np.quantile(distances, 0.95)) if np.isfinite(distances[0]) else float("inf")
