"""The distal row of loops, its gaps and its density."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from polyclinic.measure.length import length
from polyclinic.sample import Spacing
from polyclinic.systems.nailfold.measure.apex import Apex

TRIED = 2000  # curves through as many points as they have terms, of up to 23 loops
SINGULAR = 1e-9  # determinant of positions of about -1 ... 1


def quantile_fit(
    design: NDArray[np.float64], target: NDArray[np.float64], quantile: float
) -> NDArray[np.float64]:
    """Linear quantile regression (Koenker and Bassett, Econometrica 46:33, 1978).

    One of the best fits runs through as many points as it has terms, so for as few points as an
    image has loops all of those are tried; more are left to a linear programme.
    """
    count, terms = design.shape
    if math.comb(count, terms) > TRIED:
        return programmed(design, target, quantile)
    through = np.array(list(combinations(range(count), terms)))
    corners = design[through]
    # Points at one place lay no curve; those of others at one place give the same.
    sound = np.abs(np.linalg.det(corners)) > SINGULAR
    if not sound.any():
        return programmed(design, target, quantile)
    fits = np.linalg.solve(corners[sound], target[through[sound]][..., None])[..., 0]
    above = target - fits @ design.T
    cost = np.where(above > 0, quantile, quantile - 1) * above
    return np.asarray(fits[cost.sum(1).argmin()])


def programmed(
    design: NDArray[np.float64], target: NDArray[np.float64], quantile: float
) -> NDArray[np.float64]:
    """The same as a linear programme."""
    count, terms = design.shape
    cost = np.concatenate([np.zeros(terms), np.full(count, quantile), np.full(count, 1 - quantile)])
    equal = np.hstack([design, np.eye(count), -np.eye(count)])
    bounds = [(None, None)] * terms + [(0, None)] * (2 * count)
    solved = linprog(cost, A_eq=equal, b_eq=target, bounds=bounds, method="highs")
    return np.asarray(solved.x)[:terms]


UP = np.array([0.0, -1.0])
FEW, MANY = 4, 8  # loops from which a line, and a parabola, is laid along the row
FREE_SLOPE = 0.2  # about 11 degrees
UPPER = 0.8  # quantile of the first fit: most apices of the distal row lie near or above it


def distal_direction(apices: Sequence[Apex]) -> NDArray[np.float64]:
    """(2,) unit vector towards the finger tip: the mean direction of the loops' axes.

    Few loops may lean any way, so under 4 known axes only the side of the image is taken that
    they point to. Up where no axis is known or the axes cancel, as images are usually held.
    """
    axes = np.array([apex.axis for apex in apices if apex.axis is not None]).reshape(-1, 2)
    sizes = np.linalg.norm(axes, axis=1)
    mean = (axes[sizes > 0] / sizes[sizes > 0, None]).sum(0)
    size = float(np.linalg.norm(mean))
    if size < 1e-6:
        return UP
    if len(axes) < FEW:
        side = int(np.abs(mean).argmax())
        return np.sign(mean[side]) * np.eye(2)[side]
    return mean / size


def distal_row(
    apices: Sequence[Apex], *, depth: float, heights: Sequence[float]
) -> NDArray[np.intp]:
    """Rows of `apices` that belong to the distal row, in order along it.

    A straight line, or a parabola from 8 loops, is first laid near the most distal apices
    (quantile regression at 0.8), then fitted again to those within `depth` of it. Loops of a
    second row, and lone finds far off, stay outside. Under 4 loops no line can be told from two
    rows: then those are taken that lie within `depth` of the most distal one, more by
    `FREE_SLOPE` for each pixel along the row, as rows are seldom level.

    Args:
        apices: one a loop.
        depth: share of the median loop height that an apex may lie off the curve.
        heights: heights of the loops in px, for the scale of `depth`.

    Source: this package; the rule that loops of the distal row count is from Smith et al.,
    Autoimmun Rev 19:102458, 2020 (unverified).
    """
    if not apices:
        return np.empty(0, np.intp)
    points = np.array([apex.point for apex in apices])
    towards_tip = distal_direction(apices)
    along = points @ np.array([-towards_tip[1], towards_tip[0]])
    distal = points @ towards_tip
    reach = depth * float(np.median(heights))
    kept = (
        _near_top(along, distal, reach) if len(points) < FEW else _near_curve(along, distal, reach)
    )
    rows = np.flatnonzero(kept)
    return rows[np.argsort(along[rows])]


def intercapillary_distance(row: NDArray[np.float64], spacing: Spacing) -> float | None:
    """Mean distance of neighbouring apices in the (N, 2) row, µm or px; None under two loops."""
    return length(row, spacing) / (len(row) - 1) if len(row) > 1 else None


def field_width_mm(
    size: tuple[int, int], spacing: Spacing, towards_tip: NDArray[np.float64]
) -> float:
    """Width in mm of a (height, width) image along the row, through the middle of the image.

    Raises:
        DataError: the scale is unknown.
    """
    along = np.array([-towards_tip[1], towards_tip[0]])
    height, width = size
    with np.errstate(divide="ignore"):
        reach = np.min(np.array([width, height]) / np.abs(along))
    return spacing.length_um((0.0, 0.0), (reach * along).tolist()) / 1000


def density_per_mm(loops: int, width_mm: float) -> float:
    """Loops of the distal row by field width in mm (formula inferred from the guideline)."""
    return loops / width_mm


def _near_top(
    along: NDArray[np.float64], distal: NDArray[np.float64], reach: float
) -> NDArray[np.bool_]:
    top = int(distal.argmax())
    return distal[top] - distal <= reach + FREE_SLOPE * np.abs(along - along[top])


def _near_curve(
    along: NDArray[np.float64], distal: NDArray[np.float64], reach: float
) -> NDArray[np.bool_]:
    terms = 2 if len(along) < MANY else 3
    design = np.vander(_centred(along), terms)
    kept = np.abs(distal - design @ quantile_fit(design, distal, UPPER)) <= reach
    if kept.sum() > terms:
        refit = np.linalg.lstsq(design[kept], distal[kept], rcond=None)[0]
        kept = np.abs(distal - design @ refit) <= reach
    return kept


def _centred(along: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring positions to about -1 ... 1, which keeps the fits well conditioned."""
    middle, half = (along.max() + along.min()) / 2, (along.max() - along.min()) / 2
    return (along - middle) / (half or 1.0)
