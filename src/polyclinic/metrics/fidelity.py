"""A restored image and the image as it was read, both beside the sharp one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.images import Picture
from polyclinic.metrics.restoration import psnr, ssim
from polyclinic.reading.fidelity import Fidelity
from polyclinic.sample import Pixels, Sample

Shares = NDArray[np.float64]


def fidelity_of(seen: Sample, restored: Pixels, sharp: Picture) -> Fidelity:
    """How close an image, and what was restored of it, come to the sharp partner.

    Compared as `as_shares` says.

    Raises:
        DataError: the three are not of one size.
    """
    before, after, partner = as_shares(seen, restored, sharp)
    return Fidelity(
        psnr=psnr(after, partner, data_range=1.0),
        ssim=ssim(after, partner, data_range=1.0),
        input_psnr=psnr(before, partner, data_range=1.0),
        input_ssim=ssim(before, partner, data_range=1.0),
    )


def as_shares(seen: Sample, restored: Pixels, sharp: Picture) -> tuple[Shares, Shares, Shares]:
    """The three as shares, 0 black to 1 white, in the channels of the restored image.

    Grey is the mean of channels, which are equal where a grey file was read. Deep values are on
    the grey scale of their image. One whose partner has 8 bits comes no closer to it than the
    partner's steps allow, 59 dB.

    Args:
        seen: as it was read.
        restored: (H, W) or (H, W, 3), as deep as the image.
        sharp: the partner.
    """
    before, after, partner = (
        (_in_channels(pixels, restored.ndim) - grey.black) / grey.span
        for pixels, grey in (
            (seen.stored, seen.stored_grey),
            (restored, seen.stored_grey),
            (sharp.stored, sharp.grey),
        )
    )
    return before, after, partner


def _in_channels(pixels: Pixels, dimensions: int) -> NDArray[np.float64]:
    """Grey for two dimensions, colour for three."""
    values = pixels.astype(float)
    if dimensions == 2 and values.ndim == 3:
        return np.asarray(values.mean(2))
    return np.repeat(values[..., None], 3, 2) if dimensions > values.ndim else values
