"""Paint shapes at known places and find them again in the moved pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyclinic.sample import Mask

Points = NDArray[np.float64]


def paint_blobs(size: tuple[int, int], centres: Points, sigma: float) -> NDArray[np.uint8]:
    """An (H, W, 3) image with one soft blob a channel, at up to three (x, y) centres."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    image = np.zeros((*size, 3), np.uint8)
    for channel, (x, y) in enumerate(centres):
        distance = (columns - x) ** 2 + (rows - y) ** 2
        image[..., channel] = np.round(250 * np.exp(-distance / (2 * sigma**2)))
    return image


def find_blobs(image: NDArray[np.generic], count: int) -> Points:
    """(count, 2) centroids of the brightness of the first channels."""
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]]
    weights = image[..., :count].astype(float)
    total = weights.sum((0, 1))
    assert (total > 0).all(), "a blob was lost"
    x, y = ((weights * grid[..., None]).sum((0, 1)) / total for grid in (columns, rows))
    return np.column_stack([x, y])


def paint_disc(size: tuple[int, int], centre: tuple[float, float], radius: float) -> Mask:
    """A disc whose centroid is its centre when that is a whole pixel."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    inside = (columns - centre[0]) ** 2 + (rows - centre[1]) ** 2 <= radius**2
    return Mask.from_array(inside)


def centroid(mask: Mask) -> Points:
    """Mean (x, y) of the pixels set."""
    rows, columns = np.nonzero(mask.array())
    return np.array([columns.mean(), rows.mean()])
