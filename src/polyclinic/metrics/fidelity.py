"""A restored image and the image as it was read, both beside the sharp one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.pixels import white_of
from polyclinic.metrics.restoration import psnr, ssim
from polyclinic.reading.fidelity import Fidelity
from polyclinic.sample import Pixels

Shares = NDArray[np.float64]


def fidelity_of(image: Pixels, restored: Pixels, sharp: Pixels) -> Fidelity:
    """How close an image, and what was restored of it, come to the sharp partner.

    Compared as `as_shares` says.

    Raises:
        DataError: the three are not of one size.
    """
    before, after, partner = as_shares(image, restored, sharp)
    return Fidelity(
        psnr=psnr(after, partner, data_range=1.0),
        ssim=ssim(after, partner, data_range=1.0),
        input_psnr=psnr(before, partner, data_range=1.0),
        input_ssim=ssim(before, partner, data_range=1.0),
    )


def as_shares(image: Pixels, restored: Pixels, sharp: Pixels) -> tuple[Shares, Shares, Shares]:
    """The three as shares of white, 0 to 1, in the channels of the restored image.

    Grey is the mean of channels, which are equal where a grey file was read. All those of 16 bits
    share one white. An image of 16 bits whose partner has 8 comes no closer to it than the
    partner's steps allow, 59 dB.

    Args:
        image: as it was read.
        restored: (H, W) or (H, W, 3) of 8 or 16 bits.
        sharp: the partner.
    """
    deep = max(
        (white_of(one) for one in (image, restored, sharp) if one.dtype != np.uint8), default=0
    )
    before, after, partner = (
        _in_channels(one, restored.ndim) / (255 if one.dtype == np.uint8 else deep)
        for one in (image, restored, sharp)
    )
    return before, after, partner


def _in_channels(pixels: Pixels, dimensions: int) -> Shares:
    """Grey for two dimensions, colour for three."""
    values = pixels.astype(float)
    if dimensions == 2 and values.ndim == 3:
        return np.asarray(values.mean(2))
    return np.repeat(values[..., None], 3, 2) if dimensions > values.ndim else values
