"""Losses of restored images: Charbonnier and structural similarity, of the pixels that count."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor


def inside_images(
    sizes: Sequence[tuple[int, int]],
    frame: tuple[int, int],
    *,
    device: torch.device | None = None,
) -> Tensor:
    """(B, H, W) true on the top left part of the frame that each image covers.

    Args:
        sizes: (height, width) of each image.
        frame: (H, W) that all of them are padded to, right and below.
        device: where the answer is needed.
    """
    extents = torch.tensor(list(sizes), device=device).reshape(-1, 2, 1)
    rows, columns = (
        torch.arange(length, device=device) < extents[:, axis] for axis, length in enumerate(frame)
    )
    return rows[:, :, None] & columns[:, None, :]


def charbonnier(
    found: Tensor, wanted: Tensor, *, inside: Tensor | None = None, eps: float = 1e-3
) -> Tensor:
    """Mean of sqrt((x - y)^2 + e^2) over the pixels and channels of each image.

    The absolute difference with a round tip: small errors are pulled at ever more gently, and
    large ones are not squared. Equal images cost e.

    Args:
        found: (B, C, H, W) x, on a scale of 0 to 1.
        wanted: (B, C, H, W) y.
        inside: (B, H, W) bool, the pixels that count; all where it is None.
        eps: e, on the scale of the images.

    Returns:
        (B,) at least float32; 0 for an image without a pixel that counts.

    Source: Charbonnier et al., ICIP 1994; for restoration Lai et al., "Deep Laplacian pyramid
    networks", CVPR 2017, equation 2.
    """
    kind = torch.promote_types(found.dtype, torch.float32)
    difference = found.to(kind) - wanted.to(kind)
    if inside is None:
        return _round(difference, eps).mean((1, 2, 3))
    counted = inside[:, None].expand_as(difference)
    # Twice: what stands outside may be anything, and must reach neither the sum nor its slope.
    terms = _round(torch.where(counted, difference, 0), eps)
    return torch.where(counted, terms, 0).sum((1, 2, 3)) / counted.sum((1, 2, 3)).clamp_min(1)


def _round(difference: Tensor, eps: float) -> Tensor:
    return (difference.square() + eps**2).sqrt()


WINDOW = 11
SIGMA = 1.5
_LUMINANCE, _CONTRAST = 0.01**2, 0.03**2


def structural_loss(found: Tensor, wanted: Tensor, *, inside: Tensor | None = None) -> Tensor:
    """1 - SSIM of each image, channels averaged, as `polyclinic.metrics.restoration` counts it.

    Gaussian window of 11 x 11 pixels with sigma 1.5, K1 = 0.01, K2 = 0.03, weighted covariances.
    Windows that leave the image, or the part of it that counts, are not counted.

    Args:
        found: (B, C, H, W), on a scale of 0 to 1.
        wanted: (B, C, H, W), on the same scale.
        inside: (B, H, W) bool, the pixels that count; all where it is None.

    Returns:
        (B,) 0 to 2, at least float32; 0 without a slope for an image that holds no window.

    Source: Wang et al., IEEE Transactions on Image Processing 2004; 13:600-612, equation 13.
    """
    kind = torch.promote_types(found.dtype, torch.float32)
    found, wanted = found.to(kind), wanted.to(kind)
    if min(found.shape[2:]) < WINDOW:
        return 0 * found.sum((1, 2, 3))
    if inside is None:
        inside = torch.ones_like(found[:, 0], dtype=torch.bool)
    # What stands outside may be anything; the slope must stay finite.
    found, wanted = (torch.where(inside[:, None], one, 0) for one in (found, wanted))
    whole = F.max_pool2d((~inside[:, None]).to(kind), WINDOW, stride=1) == 0
    counted = torch.where(whole, 1 - _similarity(found, wanted), 0)
    windows = whole.sum((1, 2, 3)).clamp_min(1) * found.shape[1]
    return counted.sum((1, 2, 3)) / windows


def _similarity(x: Tensor, y: Tensor) -> Tensor:
    """(B, C, H - 10, W - 10) similarity of each window that lies within the frame."""
    mean_x, mean_y, square_x, square_y, product = _filtered(
        torch.stack((x, y, x.square(), y.square(), x * y))
    )
    means = mean_x * mean_y
    powers = mean_x.square() + mean_y.square()
    alike = (2 * means + _LUMINANCE) * (2 * (product - means) + _CONTRAST)
    return alike / ((powers + _LUMINANCE) * (square_x + square_y - powers + _CONTRAST))


def _filtered(images: Tensor) -> Tensor:
    """The weighted mean of each window, (..., H, W) to (..., H - 10, W - 10).

    As products with banded matrices: several times faster on a CPU than convolutions of one
    channel, and on a GPU not rounded to 10 bits, as those are unless told otherwise.
    """
    height, width = images.shape[-2:]
    # Differences of nearly equal means: half precision would leave nothing of them.
    with torch.autocast(images.device.type, enabled=False):
        return _windows(height, images) @ images @ _windows(width, images).T


def _windows(length: int, like: Tensor) -> Tensor:
    """(length - 10, length) weights of each window along one side of an image."""
    places = torch.arange(length, device=like.device, dtype=like.dtype)
    reach = WINDOW // 2
    apart = places - places[reach : length - reach, None]
    return (-(apart**2) / (2 * SIGMA**2)).masked_fill(apart.abs() > reach, -torch.inf).softmax(1)
