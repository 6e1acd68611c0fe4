"""How close a restored image comes to its sharp partner."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Fidelity:
    """An image before and after restoration, both beside the sharp one.

    Kept in place of the pixels, of which an evaluation could not hold all.

    Args:
        psnr, ssim: of the restored image; PSNR in dB, infinite for equal images.
        input_psnr, input_ssim: of the image as it was read.
    """

    psnr: float
    ssim: float
    input_psnr: float
    input_ssim: float
