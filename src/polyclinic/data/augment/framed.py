"""An image in the size at which it is read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.augment.frame import FrameConfig
from polyclinic.geometry import Homography, warp_image
from polyclinic.sample import Sample


def framed(sample: Sample, frame: FrameConfig) -> tuple[NDArray[np.uint8], Homography]:
    """(h, w, 3) pixels of a loaded sample in its frame, and the map from its pixels to these."""
    fitted = frame.fit(sample.size)
    to_network = Homography.resize(sample.size, fitted)
    return np.asarray(warp_image(sample.pixels, to_network, fitted), np.uint8), to_network
