"""What every encoder offers: a pyramid of maps from an image."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn


class Encoder(nn.Module, ABC):
    """An image in, a pyramid of maps out, finest first.

    Attributes:
        channels: channels of each map.
        strides: pixels between neighbouring cells of each map. A map of an H x W image has
            ceil(H / stride) x ceil(W / stride) cells, for any H and W.
    """

    channels: tuple[int, ...]
    strides: tuple[int, ...]

    @abstractmethod
    def forward(self, images: Tensor) -> list[Tensor]:
        """Encode RGB images on a scale of 0 to 1.

        Args:
            images: (B, 3, H, W), not normalised: the encoder does that.

        Returns:
            One (B, channels[i], ceil(H / strides[i]), ceil(W / strides[i])) a level.
        """
