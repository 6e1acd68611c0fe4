"""How close a restored image comes to its sharp partner."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from polyclinic.errors import DataError
from polyclinic.sample import Pixels

_WINDOW = 11
_SIGMA = 1.5

Picture = Pixels | NDArray[np.float64]


def psnr(restored: Picture, sharp: Picture, *, data_range: float) -> float:
    """Peak signal-to-noise ratio in dB, over all pixels and channels together.

    10 log10(range^2 / mean squared error). Super-resolution papers often take the luminance alone
    and leave out a border: convert and crop first to compare with them.

    Args:
        restored: (H, W) or (H, W, C) image.
        sharp: its partner of the same shape.
        data_range: what lies between black and white: 255 for 8 bits, 65535 for 16.

    Returns:
        Infinity for equal images, which a mean over images must not take in.

    Raises:
        DataError: the images are not of one shape, hold no pixel, or the range is not above 0.
    """
    left, right = _pair(restored, sharp, data_range)
    if np.array_equal(left, right):
        return float("inf")
    return float(peak_signal_noise_ratio(right, left, data_range=data_range))


def ssim(restored: Picture, sharp: Picture, *, data_range: float) -> float:
    """Structural similarity, -1 to 1; 1 for equal images. Channels are averaged.

    Gaussian window of 11 x 11 pixels with sigma 1.5, K1 = 0.01, K2 = 0.03, weighted (not
    sample) covariances, as in the paper. Pixels whose window leaves the image are not counted.

    Args:
        restored: (H, W) or (H, W, C) image.
        sharp: its partner of the same shape.
        data_range: what lies between black and white: 255 for 8 bits, 65535 for 16.

    Returns:
        NaN where a side of the image is shorter than the window.

    Source: Wang et al., IEEE Transactions on Image Processing 2004; 13:600-612.

    Raises:
        DataError: the images are not of one shape, hold no pixel, or the range is not above 0.
    """
    left, right = _pair(restored, sharp, data_range)
    if min(left.shape[:2]) < _WINDOW:
        return float("nan")
    return float(
        structural_similarity(
            left,
            right,
            data_range=data_range,
            channel_axis=2 if left.ndim == 3 else None,
            gaussian_weights=True,
            sigma=_SIGMA,
            use_sample_covariance=False,
        )
    )


def _pair(
    restored: Picture, sharp: Picture, data_range: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if restored.shape != sharp.shape or restored.ndim not in (2, 3) or not restored.size:
        raise DataError(
            f"restored image has shape {restored.shape}, sharp one {sharp.shape}",
            expected="(H, W) or (H, W, C) twice",
        )
    if not data_range > 0:
        raise DataError(f"data range is {data_range}", expected="above 0, such as 255")
    return restored.astype(float), sharp.astype(float)
