"""Charbonnier loss of images."""

from __future__ import annotations

import torch
from torch import Tensor


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
