"""Landmarks without looking: the same places in every box."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def layout_errors(landmarks: Values, boxes: Values) -> Values:
    """(N, K) distances when every object is given the mean layout of all, scaled to its box.

    The layout is the mean place of each landmark, as shares of the box's width and height. It
    is taken from the annotations that it is judged on, so it does a little better than a
    layout learned elsewhere would.

    Args:
        landmarks: (N, K, 3) annotated x, y, visibility.
        boxes: (N, 4) x1, y1, x2, y2 of the found objects.

    Returns:
        Pixels; NaN where a landmark is not annotated.
    """
    corner, size = boxes[:, None, :2], (boxes[:, 2:] - boxes[:, :2])[:, None]
    labelled = (landmarks[..., 2] > 0)[..., None]
    shares = np.divide(
        landmarks[..., :2] - corner,
        size,
        out=np.zeros(landmarks[..., :2].shape),
        where=labelled & (size > 0),
    )
    mean = shares.sum(0) / np.maximum(labelled.sum(0), 1)
    step = corner + mean * size - landmarks[..., :2]
    return np.where(labelled[..., 0], np.hypot(step[..., 0], step[..., 1]), np.nan)
