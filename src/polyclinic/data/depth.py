"""What a network changed in an image, applied at the depth at which the image was stored."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.pixels import white_of
from polyclinic.errors import DataError
from polyclinic.sample import Pixels, Sample


def add_residual(sample: Sample, residual: NDArray[np.floating]) -> Pixels:
    """The pixels of a sample as they were stored, plus a change.

    The result has the depth and the channels of `sample.deep`, else of `sample.image`; values
    beyond black and white are clipped. Where the file has one channel of 16 bits, the change is
    the mean of the three.

    Args:
        sample: loaded.
        residual: (H, W, 3), in units of the range from black (0) to white (1), as the network saw
            it: 255, 4095 or 65535 of the file's own values (`polyclinic.data.pixels`).

    Raises:
        DataError: the residual is of another size, or the sample is not loaded.
    """
    stored = sample.pixels if sample.deep is None else sample.deep
    if residual.shape != (*sample.size, 3):
        raise DataError(
            f"the change of the image has the shape {residual.shape}",
            expected=f"{(*sample.size, 3)}",
            where=sample.file or str(sample.image_id),
        )
    white = white_of(stored)
    change = residual if stored.ndim == 3 else residual.mean(2)
    changed = np.rint((stored + np.asarray(change, np.float32) * white).clip(0, white))
    return changed.astype(np.uint8 if stored.dtype == np.uint8 else np.uint16)
