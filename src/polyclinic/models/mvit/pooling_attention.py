"""Multi-head attention whose queries, keys and values are pooled first (MViTv2, section 3).

Suffixes of tensor names: b images, h height, w width, c channels, k heads, d channels of one head,
n windows of all images and heads.
"""

from __future__ import annotations

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from polyclinic.models.mvit.plan import BlockPlan
from polyclinic.models.mvit.relative_positions import (
    AxisPositions,
    position_marks,
    position_scores,
)
from polyclinic.models.mvit.windows import cut_windows, join_windows

LayerNorm = partial(nn.LayerNorm, eps=1e-6)


class Pool(nn.Module):
    """Depthwise 3x3 convolution with a stride, then LayerNorm; shared by all heads.

    (b, h, w, heads * d) to (b, ceil(h / stride), ceil(w / stride), heads, d).
    """

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            channels, channels, 3, stride=stride, padding=1, groups=channels, bias=False
        )
        self.norm = LayerNorm(channels)

    def forward(self, map_bhwc: Tensor) -> Tensor:
        """Pool the maps of all heads side by side: a head is but further channels."""
        map_bchw = map_bhwc.permute(0, 3, 1, 2)
        if self.conv.stride != (1, 1) and torch.is_autocast_enabled("cpu"):
            # Processors take 25 times as long for its gradient in bfloat16.
            with torch.autocast("cpu", enabled=False):
                smaller = self._convolve(map_bchw.float()).to(map_bhwc.dtype)
        else:
            smaller = self._convolve(map_bchw)
        heads_bhwkd = smaller.permute(0, 2, 3, 1).unflatten(3, (-1, self.conv.in_channels))
        pooled: Tensor = self.norm(heads_bhwkd)
        return pooled

    def _convolve(self, map_bchw: Tensor) -> Tensor:
        channels = map_bchw.shape[1]
        weight = self.conv.weight.repeat(channels // self.conv.in_channels, 1, 1, 1)
        return F.conv2d(map_bchw, weight, stride=self.conv.stride, padding=1, groups=channels)


class PoolingAttention(nn.Module):
    """Pooling attention with decomposed relative positions and residual pooling.

    The channel change of a stage happens in the projection to queries, keys and values.
    With windows, queries and keys are pooled over the whole map and cut afterwards, so that
    pooling sees across the cuts. Cells that only fill up a window take part with a key and a
    value of zero, as in detectron2, whose weights are trained so.

    Axes are put in another order where windows are cut and where they are joined, and between only
    for the scores of columns.

    (b, h, w, channels_in) to (b, ceil(h / q_stride), ceil(w / q_stride), channels_out).
    """

    def __init__(self, plan: BlockPlan) -> None:
        super().__init__()
        head_channels = plan.channels_out // plan.heads
        self.heads = plan.heads
        self.q_side = plan.window // plan.q_stride if plan.window else None
        self.k_side = plan.window // plan.kv_stride if plan.window else None
        self.qkv = nn.Linear(plan.channels_in, 3 * plan.channels_out)
        self.pool_q = Pool(head_channels, plan.q_stride)
        self.pool_k = Pool(head_channels, plan.kv_stride)
        self.pool_v = Pool(head_channels, plan.kv_stride)
        self.rows = AxisPositions(plan.table_cells, head_channels)
        self.columns = AxisPositions(plan.table_cells, head_channels)
        self.out = nn.Linear(plan.channels_out, plan.channels_out)

    def forward(self, map_bhwc: Tensor) -> Tensor:
        """Attend within windows or over the whole map."""
        weights, biases = self.qkv.weight.chunk(3), self.qkv.bias.chunk(3)
        q, k, v = (F.linear(map_bhwc, *one) for one in zip(weights, biases, strict=True))
        q_bhwkd, k_bhwkd, v_bhwkd = self.pool_q(q), self.pool_k(k), self.pool_v(v)
        q_windows = _cut(q_bhwkd, self.q_side)
        mixed = self._attend(q_windows, _cut(k_bhwkd, self.k_side), _cut(v_bhwkd, self.k_side))
        # Residual pooling (equation 5): the pooled query is added to what it gathered.
        size = (q_bhwkd.shape[1], q_bhwkd.shape[2])
        result: Tensor = self.out(join_windows(mixed + q_windows, self.heads, size))
        return result

    def _attend(self, q_nhwd: Tensor, k_nhwd: Tensor, v_nhwd: Tensor) -> Tensor:
        """Softmax attention with positions, each map to its own.

        The positions ride along as further channels of queries and keys, so that no table of
        all pairs is ever made and fused kernels apply. These want four axes and one number of
        channels throughout; the values are filled up for that.
        """
        channels = q_nhwd.shape[-1]
        k_size = (k_nhwd.shape[1], k_nhwd.shape[2])
        scores = position_scores(q_nhwd, k_size, self.rows, self.columns)
        mixed = F.scaled_dot_product_attention(
            # The kernel multiplies by channels**-0.5, which is meant for the content alone.
            torch.cat([q_nhwd, scores * channels**0.5], dim=-1).flatten(1, 2)[:, None],
            torch.cat([k_nhwd, position_marks(k_nhwd)], dim=-1).flatten(1, 2)[:, None],
            F.pad(v_nhwd, (0, sum(k_size))).flatten(1, 2)[:, None],
            scale=channels**-0.5,
        )
        return mixed[..., :channels].reshape(q_nhwd.shape)


def _cut(map_bhwkd: Tensor, side: int | None) -> Tensor:
    """Square windows; one that holds everything, at the exact size of the map, without a side."""
    size = (map_bhwkd.shape[1], map_bhwkd.shape[2])
    return cut_windows(map_bhwkd, size if side is None else (side, side))
