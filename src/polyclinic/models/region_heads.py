"""Small networks that look at one region each (He et al., Mask R-CNN, ICCV 2017, figure 4)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class BoxHead(nn.Module):
    """Two linear layers, then class scores (background first) and box corrections.

    Args:
        channels: of the crops.
        cells: height and width of the crops.
        hidden: width of the linear layers.
        classes: foreground classes.
        box_groups: sets of box corrections: one a class, or 1 shared by all.
    """

    def __init__(
        self, channels: int, cells: int, hidden: int, classes: int, box_groups: int
    ) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Flatten(),
            nn.Linear(channels * cells * cells, hidden),
            nn.ReLU(),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
        )
        self.classes = nn.Linear(hidden, classes + 1)
        self.boxes = nn.Linear(hidden, 4 * box_groups)
        for layer, std in ((self.classes, 0.01), (self.boxes, 0.001)):
            nn.init.normal_(layer.weight, std=std)
            nn.init.zeros_(layer.bias)

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """(N, C, cells, cells) to class logits (N, 1 + classes) and boxes (N, groups, 4)."""
        hidden = self.trunk(crops)
        boxes = self.boxes(hidden)
        return self.classes(hidden).float(), boxes.float().unflatten(1, (-1, 4))


class MaskHead(nn.Module):
    """Convolutions, one doubling of the grid, and one map a class.

    Args:
        channels: of the crops.
        widths: channels of each 3x3 convolution.
        outputs: number of maps.
    """

    def __init__(self, channels: int, widths: Sequence[int], outputs: int) -> None:
        super().__init__()
        last = widths[-1]
        self.trunk = _convolutions(channels, widths)
        self.enlarge = nn.ConvTranspose2d(last, last, 2, stride=2)
        self.outputs = nn.Conv2d(last, outputs, 1)
        _kaiming(self)
        nn.init.normal_(self.outputs.weight, std=0.001)

    def forward(self, crops: Tensor) -> Tensor:
        """(N, C, s, s) to logits (N, outputs, 2 s, 2 s) in float32."""
        maps: Tensor = self.outputs(torch.relu(self.enlarge(self.trunk(crops))))
        return maps.float()


class LandmarkHead(nn.Module):
    """Convolutions, a transposed one with an output a landmark, and a bilinear doubling.

    Args:
        channels: of the crops.
        widths: channels of each 3x3 convolution.
        outputs: number of landmarks.
    """

    def __init__(self, channels: int, widths: Sequence[int], outputs: int) -> None:
        super().__init__()
        self.trunk = _convolutions(channels, widths)
        self.outputs = nn.ConvTranspose2d(widths[-1], outputs, 4, stride=2, padding=1)
        _kaiming(self)

    def forward(self, crops: Tensor) -> Tensor:
        """(N, C, s, s) to logits (N, outputs, 4 s, 4 s) in float32."""
        maps: Tensor = self.outputs(self.trunk(crops)).float()
        return F.interpolate(maps, scale_factor=2, mode="bilinear", align_corners=False)


def _convolutions(channels: int, widths: Sequence[int]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width in widths:
        layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(inplace=True)]
        channels = width
    return nn.Sequential(*layers)


def _kaiming(head: nn.Module) -> None:
    for module in head.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
