"""MViTv2 as an encoder of images of any size, block by block."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint
from torchvision.ops import StochasticDepth

from polyclinic.models.encoder import Encoder
from polyclinic.models.mvit.attention import LayerNorm, PoolingAttention
from polyclinic.models.mvit.plan import PATCH_STRIDE, BlockPlan, MViTConfig, plan_blocks
from polyclinic.models.normalisation import ImageNormalisation


class MViTBlock(nn.Module):
    """Pre-norm transformer block that may change channels and stride.

    Where channels change, the skip is a linear layer on the *normalised* input; where the
    stride changes, the skip is max-pooled (3x3, padding 1).

    (b, h, w, channels_in) to (b, ceil(h / q_stride), ceil(w / q_stride), channels_out).
    """

    def __init__(self, plan: BlockPlan, mlp_ratio: float) -> None:
        super().__init__()
        hidden = int(plan.channels_out * mlp_ratio)
        self.norm_attention = LayerNorm(plan.channels_in)
        self.attention = PoolingAttention(plan)
        self.norm_mlp = LayerNorm(plan.channels_out)
        self.mlp = nn.Sequential(
            nn.Linear(plan.channels_out, hidden),
            nn.GELU(),
            nn.Linear(hidden, plan.channels_out),
        )
        self.widen = (
            nn.Linear(plan.channels_in, plan.channels_out)
            if plan.channels_in != plan.channels_out
            else None
        )
        self.pool_skip = nn.MaxPool2d(3, stride=2, padding=1) if plan.q_stride == 2 else None
        self.drop_path = StochasticDepth(plan.drop_path, mode="row")

    def forward(self, map_bhwc: Tensor) -> Tensor:
        """Run the block on maps with channels last."""
        normalised = self.norm_attention(map_bhwc)
        skip = map_bhwc if self.widen is None else self.widen(normalised)
        if self.pool_skip is not None:
            skip = self.pool_skip(skip.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        mixed = skip + self.drop_path(self.attention(normalised))
        result: Tensor = mixed + self.drop_path(self.mlp(self.norm_mlp(mixed)))
        return result


class MViT(Encoder):
    """MViTv2 image backbone (Li et al., CVPR 2022; as in detectron2's `MViT`).

    Patches of 7x7 at stride 4, then blocks of pooling attention. The map of each stage leaves
    through its own LayerNorm. There is no class token and no absolute position, so any height
    and width of at least 1 works; maps have ceil(H / stride) x ceil(W / stride) cells.

    With `config.checkpoint` the blocks are recomputed in the backward pass. For a 1024 x 768
    image the tiny backbone then keeps about 0.2 GiB between the passes rather than 2 GiB (32-bit
    floats), and a step takes about a third longer. Results and gradients stay the same.

    Args:
        config: shape of the network.
    """

    def __init__(self, config: MViTConfig) -> None:
        super().__init__()
        self.config = config
        self.channels = config.widths
        self.strides = tuple(PATCH_STRIDE * 2**stage for stage in range(len(config.widths)))
        self.plans = plan_blocks(config)
        self.normalise = ImageNormalisation()
        self.patches = nn.Conv2d(3, config.widths[0], 7, stride=PATCH_STRIDE, padding=3)
        self.blocks = nn.ModuleList(MViTBlock(plan, config.mlp_ratio) for plan in self.plans)
        self.norms = nn.ModuleList(LayerNorm(width) for width in config.widths)
        self.apply(_initialise)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Encode RGB images on a scale of 0 to 1, (B, 3, H, W), into four maps, finest first."""
        map_bhwc = self.patches(self.normalise(images)).permute(0, 2, 3, 1)
        maps: list[Tensor] = []
        for plan, block in zip(self.plans, self.blocks, strict=True):
            if self.config.checkpoint and torch.is_grad_enabled():
                map_bhwc = checkpoint(block, map_bhwc, use_reentrant=False)
            else:
                map_bhwc = block(map_bhwc)
            if plan.ends_stage:
                maps.append(self.norms[plan.stage](map_bhwc).permute(0, 3, 1, 2))
        return maps


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)
