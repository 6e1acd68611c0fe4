"""What a network changed in an image, applied at the depth at which the image was stored."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError
from polyclinic.sample import Pixels, Sample


def add_residual(sample: Sample, residual: NDArray[np.floating]) -> Pixels:
    """The pixels of a sample as they were stored, plus a change.

    The result has the depth and the channels of `sample.deep`, else of `sample.image`; whole
    numbers are clipped where their type ends, or where the file says that black and white are.
    Where the file has one deep channel, the change is the mean of the three.

    Args:
        sample: loaded.
        residual: (H, W, 3), in units of the range from black (0) to white (1), as the network saw
            it: that of `sample.stored_grey`.

    Raises:
        DataError: the residual is of another size, or the sample is not loaded.
    """
    stored, grey = sample.stored, sample.stored_grey
    if residual.shape != (*sample.size, 3):
        raise DataError(
            f"the change of the image has the shape {residual.shape}",
            expected=f"{(*sample.size, 3)}",
            where=sample.file or str(sample.image_id),
        )
    change = residual if stored.ndim == 3 else residual.mean(2)
    # A float32 holds 16 bits of a whole number, a float64 all of 32.
    exact = np.dtype(np.float32 if stored.dtype.itemsize < 4 else np.float64)
    changed = np.asarray(stored, exact) + np.asarray(change, exact) * exact.type(grey.span)
    if stored.dtype == np.float32:
        return np.asarray(changed, np.float32)
    ends = np.iinfo(str(stored.dtype))
    low, high = (grey.black, grey.white) if sample.grey_stated else (ends.min, ends.max)
    low, high = min(low, stored.min()), max(high, stored.max())
    return np.asarray(np.rint(changed).clip(low, high).astype(stored.dtype))
