"""Average over whole cells, then interpolate linearly: one resampling that does not alias."""

from __future__ import annotations

import math
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.geometry.bands import pays, resample_in_bands
from polyclinic.geometry.cover import Columns
from polyclinic.sample import Pixels

_WIDEST_CELL = 256
_STILL = 1e-9


def cells_to_average(
    matrices: NDArray[np.float64], frames: NDArray[np.int64]
) -> list[tuple[int, int]]:
    """Rows and columns to average: the map then shrinks by less than two along each axis.

    Below two, linear interpolation still touches every source pixel. A cell may be wider than
    a small patch, whose share of it then counts; the limit only bounds the memory.

    Args:
        matrices: (N, 3, 3) homographies.
        frames: (N, 2) height and width of what each moves; its shrinkage is that in the middle.
    """
    middles = np.column_stack([(frames[:, ::-1] - 1) / 2, np.ones(len(frames))])
    moved = (matrices @ middles[:, :, None])[:, :, 0]
    weights = moved[:, 2, None, None]
    jacobians = matrices[:, :2, :2] - moved[:, :2, None] / weights * matrices[:, 2:, :2]
    steps = np.linalg.norm(jacobians / weights, axis=1)[:, ::-1]
    whole = np.floor(1 / np.maximum(steps, 1e-6) + 1e-6)
    limits = np.maximum(frames, _WIDEST_CELL)
    cells = np.clip(whole, 1, limits).astype(int).tolist()
    return [(rows, columns) for rows, columns in cells]


def resample(
    image: Pixels,
    matrix: NDArray[np.float64],
    cells: tuple[int, int],
    size: tuple[int, int],
    border: int,
    covered: tuple[Columns, Columns] | None = None,
) -> Pixels:
    """Move an (H, W[, C]) image into a (height, width) frame; it is not written to.

    Args:
        image: pixels.
        matrix: (3, 3) from image to frame.
        cells: rows and columns to average first, see `cells_to_average`.
        size: of the frame.
        border: OpenCV's rule for what lies outside the image.
        covered: first column and one past the last of each row, where what lies beside them is
            written over later: it may then hold anything. For BORDER_REPLICATE only.
    """
    small = image
    if cells != (1, 1):
        small, enlarge = _average(image, cells, border)
        matrix = matrix @ enlarge
        matrix = matrix / matrix[2, 2]
    if small.shape[:2] == size and np.abs(matrix - np.eye(3)).max() < _STILL:
        return small.copy() if small is image else small
    if covered is not None and pays(small, size):
        return resample_in_bands(small, matrix, size, covered)
    warped = cv2.warpPerspective(
        small, matrix, (size[1], size[0]), flags=cv2.INTER_LINEAR, borderMode=border
    )
    return cast(Pixels, warped.reshape(*size, *image.shape[2:]))


def _average(
    image: Pixels, cells: tuple[int, int], border: int
) -> tuple[Pixels, NDArray[np.float64]]:
    """Average over (rows, columns) cells; a last, cut cell is filled up from the border.

    Returns:
        The averages and the (3, 3) map back, edge to edge.
    """
    rows, columns = cells
    height, width = math.ceil(image.shape[0] / rows), math.ceil(image.shape[1] / columns)
    below, beside = height * rows - image.shape[0], width * columns - image.shape[1]
    if below or beside:
        image = cast(Pixels, cv2.copyMakeBorder(image, 0, below, 0, beside, borderType=border))
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    enlarge = np.array(
        [[columns, 0, (columns - 1) / 2], [0, rows, (rows - 1) / 2], [0, 0, 1.0]], np.float64
    )
    return cast(Pixels, small), enlarge
