"""Painted images whose annotations can be found again in whatever a library makes of them.

Spots lie on the landmarks, in one channel; discs under the masks, in another. A view is judged by
itself: what its annotations say against what its pixels show. So nothing needs to be known of the
numbers that a library drew.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from bench.augmentation_speed_library import SIZE, View
from numpy.typing import NDArray

from polyclinic.sample import Instance, Mask, Sample

Floats = NDArray[np.float64]

PITCH, SIGMA, PEAK = 64, 4.0, 250
SPOTS, INSTANCES = 8, 5
PAIRS = ((2, 5), (3, 4), (6, 7))
"""Left and right landmarks of the nailfold schema."""
REACH = 4.5 * SIGMA
ROUNDS = 5


def paint(rng: np.random.Generator) -> Sample:
    """Five instances: a row of eight spots from left to right, a disc, the mask and box of it."""
    image = np.zeros((*SIZE, 3), np.uint8)
    middle = np.array([(SIZE[1] - 1) / 2, (SIZE[0] - 1) / 2])
    order = _left_to_right()
    instances = []
    for row in range(INSTANCES):
        down = (row - (INSTANCES - 1) / 2) * PITCH
        across = (np.arange(SPOTS) - (SPOTS - 1) / 2) * PITCH
        spots = np.column_stack([across, np.full(SPOTS, down)])
        spots += middle + rng.uniform(-3, 3, (SPOTS, 2))
        _add_spots(image[..., 0], spots)
        centre = middle + np.array([(row - 2) * 2 * PITCH / 1.5, down]) + rng.uniform(-3, 3, 2)
        disc = _disc(centre, rng.uniform(18, 24))
        image[..., 1][disc] = PEAK
        mask = Mask.from_array(disc)
        landmarks = np.full((SPOTS, 3), 2.0)
        landmarks[order, :2] = spots
        instances.append(Instance(box=mask.box(), mask=mask, landmarks=landmarks, id=row))
    return Sample(image_id=0, size=SIZE, image=image, instances=tuple(instances))


def errors(view: View) -> Mapping[str, Floats]:
    """How far the annotations of a view lie from what it shows, in its pixels.

    Returns:
        `landmark`: from each landmark to the centre of the spot under it. `mask centre`: between
        the centres of each mask and its disc. `mask edge`: pixels on which mask and disc differ,
        over the length of the edge. `box`: largest distance between the edges of each box and
        those of its disc. What leaves the view or touches its rim is not counted.
    """
    spots, discs = (np.asarray(view.image[..., channel], float) for channel in (0, 1))
    factor = max(view.image.shape[:2]) / max(SIZE)
    found = [spot_error(spots, one, REACH * factor) for one in view.landmarks.reshape(-1, 2)]
    of_discs = [
        disc_errors(discs, mask, box)
        for mask, box in zip(view.masks, view.boxes, strict=True)
        if np.isfinite(box).all()
    ]
    centres, edges, boxes = np.array(of_discs, float).reshape(-1, 3).T
    by_kind = {
        "landmark": np.array(found, float),
        "mask centre": centres,
        "mask edge": edges,
        "box": boxes,
    }
    return {kind: values[np.isfinite(values)] for kind, values in by_kind.items()}


def sides(view: View) -> NDArray[np.bool_]:
    """Of each left and right landmark of a mirrored view: whether the left one lies left."""
    left, right = (view.landmarks[:, [pair[side] for pair in PAIRS], 0] for side in (0, 1))
    known = np.isfinite(left + right)
    right_way: NDArray[np.bool_] = (left < right)[known]
    return right_way


def spot_error(picture: Floats, landmark: Floats, reach: float) -> float:
    """Distance from a landmark to the centroid of brightness around it; NaN at the rim.

    Where nothing is painted in reach, that is the distance. The window moves to the centroid that
    was found, so that it does not pull it.
    """
    centre = landmark
    for _ in range(ROUNDS):
        x1, y1 = (centre - reach).round()
        x2, y2 = (centre + reach).round() + 1
        inside = x1 >= 0 and y1 >= 0 and x2 <= picture.shape[1] and y2 <= picture.shape[0]
        if not inside:
            return np.nan
        window = picture[int(y1) : int(y2), int(x1) : int(x2)]
        if not window.any():
            return reach
        centre = centroid(window) + np.array([x1, y1])
    return float(np.hypot(*(centre - landmark)))


def disc_errors(picture: Floats, mask: NDArray[np.bool_], box: Floats) -> tuple[float, ...]:
    """Distance of centres, of edges, and of the box; NaN where the mask is near the rim."""
    margin = 4
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return np.nan, np.nan, np.nan
    top, left = rows[0] - margin, columns[0] - margin
    bottom, right = rows[-1] + margin + 1, columns[-1] + margin + 1
    if top < 0 or left < 0 or bottom > mask.shape[0] or right > mask.shape[1]:
        return np.nan, np.nan, np.nan
    window, inside = picture[top:bottom, left:right], mask[top:bottom, left:right]
    shown = window >= PEAK / 2
    away = centroid(window) - centroid(inside.astype(float))
    length = 2 * np.sqrt(np.pi * shown.sum())
    rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
    hull = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]) - 0.5
    hull += [left, top, left, top]
    return (
        float(np.hypot(*away)),
        float((shown != inside).sum() / length),
        float(np.abs(hull - box).max()),
    )


def centroid(weights: Floats) -> Floats:
    """(2,) mean x, y."""
    rows, columns = np.mgrid[: weights.shape[0], : weights.shape[1]]
    total = weights.sum()
    return np.array([(weights * columns).sum(), (weights * rows).sum()]) / total


def _left_to_right() -> list[int]:
    """Landmark by landmark of a row, so that the left ones of the schema are painted left."""
    return [2, 3, 6, 0, 1, 7, 4, 5]


def _disc(centre: Floats, radius: float) -> NDArray[np.bool_]:
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    inside: NDArray[np.bool_] = np.hypot(columns - centre[0], rows - centre[1]) <= radius
    return inside


def _add_spots(channel: NDArray[np.uint8], centres: Floats) -> None:
    reach = int(6 * SIGMA)
    for x, y in centres:
        left, top = round(x) - reach, round(y) - reach
        rows, columns = np.mgrid[top : top + 2 * reach + 1, left : left + 2 * reach + 1]
        far = (columns - x) ** 2 + (rows - y) ** 2
        spot = np.round(PEAK * np.exp(-far / (2 * SIGMA**2))).astype(np.uint8)
        window = channel[top : top + 2 * reach + 1, left : left + 2 * reach + 1]
        np.maximum(window, spot, out=window)
