"""Pixels on a scale of 0 to 1, and back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from polyclinic.sample import Pixels

Unit = NDArray[np.float32]
"""(H, W) or (H, W, C), 0 black, 1 the brightest value of the type."""

WHITE = {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65535}


def on_unit_scale(pixels: Pixels, change: Callable[[Unit], Unit]) -> Pixels:
    """Change pixels on a scale of 0 to 1; what leaves the scale is clipped, then rounded.

    Channels that are equal are changed once and stay equal: a grey picture stays grey.

    Args:
        pixels: (H, W) or (H, W, C), 8 or 16 bit; not written to.
        change: is given (H, W) or (H, W, C).
    """
    top = np.float32(WHITE[pixels.dtype])
    grey = pixels.ndim == 3 and bool((pixels == pixels[..., :1]).all())
    changed = change((pixels[..., 0] if grey else pixels).astype(np.float32) / top)
    rounded = np.rint(np.clip(changed, 0, 1) * top).astype(pixels.dtype)
    return np.repeat(rounded[..., None], pixels.shape[2], 2) if grey else rounded
