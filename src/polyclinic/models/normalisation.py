"""Bring images to the scale that an encoder was trained on."""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Mean and standard deviation of ImageNet's RGB values on a scale of 0 to 1;
# times 255 they are the (123.675, 116.28, 103.53) and (58.395, 57.12, 57.375) of detectron2.
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class ImageNormalisation(nn.Module):
    """Subtract a mean and divide by a standard deviation, channel by channel.

    (B, 3, H, W) RGB on a scale of 0 to 1 in, the same shape out. Encoders hold one, so whoever
    calls an encoder never normalises.

    Args:
        mean: of red, green, blue.
        std: of red, green, blue.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        mean: tuple[float, float, float] = IMAGENET_MEAN,
        std: tuple[float, float, float] = IMAGENET_STD,
    ) -> None:
        super().__init__()
        # Constants of the architecture, not learned: they stay out of state dicts.
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(3, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Normalise images."""
        return (images - self.mean) / self.std
