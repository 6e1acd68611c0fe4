"""From a pyramid of maps to one map of logits a class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from polyclinic.models.batch_norm import group_count


class DenseHead(nn.Module):
    """Adds up the levels of a pyramid from the coarsest to the finest, which gives the logits.

    Each level is brought to one width, added to what came from the coarser ones, and convolved.
    That all levels are summed, and the group normalisation, are those of the semantic branch of
    Panoptic FPN (Kirillov et al., CVPR 2019, section 3.1); doubling step by step, as in a U-Net,
    spares that branch's convolutions of coarse maps at fine resolution.

    Args:
        levels: names of the maps to read, finest first without a gap.
        channels: of every map.
        width: channels inside the head.
        outputs: number of logit maps.
    """

    def __init__(self, levels: Sequence[str], channels: int, width: int, outputs: int) -> None:
        super().__init__()
        self.levels = tuple(levels)
        self.enter = nn.ModuleDict({level: nn.Conv2d(channels, width, 1) for level in levels})
        self.blocks = nn.ModuleDict({level: _block(width) for level in levels})
        self.outputs = nn.Conv2d(width, outputs, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        nn.init.normal_(self.outputs.weight, std=0.01)

    def forward(self, pyramid: Mapping[str, Tensor], size: tuple[int, int]) -> Tensor:
        """Maps (B, C, ...) by level to logits (B, outputs, height, width) in float32.

        Enlarging is bilinear and keeps edges on edges, so no level is shifted against another.
        """
        coarsest, *finer = reversed(self.levels)
        x = self.blocks[coarsest](self.enter[coarsest](pyramid[coarsest]))
        for level in finer:
            lateral = self.enter[level](pyramid[level])
            x = self.blocks[level](lateral + _enlarged(x, lateral.shape[-2:]))
        return _enlarged(self.outputs(x).float(), size)


def _block(width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(width, width, 3, padding=1, bias=False),
        nn.GroupNorm(group_count(width), width),
        nn.ReLU(inplace=True),
    )


def _enlarged(maps: Tensor, size: Sequence[int]) -> Tensor:
    return F.interpolate(maps, size=tuple(size), mode="bilinear", align_corners=False)
