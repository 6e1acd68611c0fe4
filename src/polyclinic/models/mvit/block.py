"""One block of MViTv2: pooling attention and an MLP, each with a skip."""

from __future__ import annotations

from torch import Tensor, nn
from torchvision.ops import StochasticDepth

from polyclinic.models.mvit.plan import BlockPlan
from polyclinic.models.mvit.pooling_attention import LayerNorm, PoolingAttention


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
