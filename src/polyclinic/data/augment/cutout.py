"""A black square that hides a part of the view."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def cut_out(image: NDArray[np.uint8], share: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Blacken one square in half of the views (CutOut, DeVries and Taylor, arXiv 1708.04552).

    The square lies inside the image, as in KNEEL; in the paper its centre does, and the square may
    be cut off at the border. Annotations under it stay: they are to be inferred from the rest.

    Args:
        image: (H, W, C); it is not written to.
        share: side of the square, as a share of the shorter side of the image, rounded down.
        rng: decides whether and where.
    """
    side = int(share * min(image.shape[:2]))
    if rng.random() >= 0.5 or not side:
        return image
    top, left = (int(rng.integers(length - side + 1)) for length in image.shape[:2])
    cut = image.copy()
    cut[top : top + side, left : left + side] = 0
    return cut
