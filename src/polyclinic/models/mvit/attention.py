"""Pooling attention of MViTv2: windows, relative positions, queries, keys and values.

Suffixes of tensor names: b images, h height, w width, k heads, d channels of one head, n windows
of all images and heads, s and t height and width of a window.

Suffixes of tensor names: n maps, h height, w width, c channels, l rows of a table; q is a query,
k a key.

Suffixes of tensor names: b images, h height, w width, c channels, k heads, d channels of one head,
n windows of all images and heads.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from polyclinic.geometry import Size
from polyclinic.models.mvit.plan import BlockPlan


def cut_windows(map_bhwkd: Tensor, window: Size) -> Tensor:
    """Cut maps into windows, row by row; zeros fill up the last row and column.

    Args:
        map_bhwkd: heads side by side.
        window: (height, width) in cells; that of the map for a single one.

    Returns:
        (images * windows * heads, height, width, d) with ceil(h / height) * ceil(w / width)
        windows a map.
    """
    batch, height, width, heads, channels = map_bhwkd.shape
    down, across = -(-height // window[0]), -(-width // window[1])
    below, right = down * window[0] - height, across * window[1] - width
    if below or right:
        map_bhwkd = F.pad(map_bhwkd, (0, 0, 0, 0, 0, right, 0, below))
    grid = map_bhwkd.reshape(batch, down, window[0], across, window[1], heads, channels)
    return grid.permute(0, 1, 3, 5, 2, 4, 6).reshape(-1, *window, channels)


def join_windows(windows_nstd: Tensor, heads: int, size: Size) -> Tensor:
    """Undo `cut_windows`: (b, h, w, heads * d) of the given height and width."""
    _, high, wide, channels = windows_nstd.shape
    height, width = size
    down, across = -(-height // high), -(-width // wide)
    grid = windows_nstd.reshape(-1, down, across, heads, high, wide, channels)
    whole = grid.permute(0, 1, 4, 2, 5, 3, 6).reshape(
        -1, down * high, across * wide, heads * channels
    )
    return whole[:, :height, :width]


class AxisPositions(nn.Module):
    """Learned vectors for the distance between a query and a key along one axis.

    Args:
        cells: side of the map for which the table is sized; it gets 2 * cells - 1 rows.
        channels: channels of one attention head.

    The table starts at zero (no preference for any distance). A state dict may bring a table of
    another length: it is kept as it is and interpolated when used.
    """

    def __init__(self, cells: int, channels: int) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(2 * cells - 1, channels))
        self.register_load_state_dict_pre_hook(_keep_loaded_length)

    def no_weight_decay(self) -> set[str]:
        """NFCMTL trains its tables without weight decay."""
        return {"table"}

    def forward(self, q_cells: int, k_cells: int) -> Tensor:
        """Return the vectors of all pairs along the axis: (q_cells, k_cells, channels)."""
        rows = 2 * max(q_cells, k_cells) - 1
        table_lc: Tensor = self.table
        if table_lc.shape[0] != rows:
            table_lc = F.interpolate(table_lc.T[None], size=rows, mode="linear")[0].T
        return table_lc[relative_rows(q_cells, k_cells, device=table_lc.device)]


def relative_rows(q_cells: int, k_cells: int, *, device: torch.device | None = None) -> Tensor:
    """Row of the table for each pair of query and key: (q_cells, k_cells), int64.

    The coarser of the two axes is stretched to the finer one. All arithmetic is in integers: a
    ratio such as 26 / 7 in floating point can fall on the wrong side of a whole number.
    """
    q = torch.arange(q_cells, device=device)[:, None]
    k_from_end = torch.arange(k_cells - 1, -1, -1, device=device)[None, :]
    finer = max(q_cells, k_cells)
    return (q * finer) // q_cells + (k_from_end * finer) // k_cells


def position_scores(
    q_nhwc: Tensor, k_size: tuple[int, int], rows: AxisPositions, columns: AxisPositions
) -> Tensor:
    """Score each query against its distance to each row and to each column of keys.

    Args:
        q_nhwc: queries, not scaled.
        k_size: height and width of the map of keys.
        rows: vectors for vertical distances.
        columns: vectors for horizontal distances.

    Returns:
        (n, h, w, k_height + k_width): what to add to the attention score of a key is the entry of
        its row plus the entry of its column.
    """
    _, q_height, q_width, _ = q_nhwc.shape
    k_height, k_width = k_size
    # As products that need no other order of axes but for the horizontal one.
    vertical = q_nhwc @ rows(q_height, k_height).transpose(1, 2)
    horizontal = q_nhwc.transpose(1, 2) @ columns(q_width, k_width).transpose(1, 2)
    return torch.cat([vertical, horizontal.transpose(1, 2)], dim=-1)


def position_marks(k_nhwc: Tensor) -> Tensor:
    """Mark the row and the column of each key: (n, h, w, h + w), two ones a key, else zeros.

    The product of `position_scores` and these marks is the sum of the two entries.
    """
    maps, height, width, _ = k_nhwc.shape
    rows = torch.eye(height, dtype=k_nhwc.dtype, device=k_nhwc.device)[:, None]
    columns = torch.eye(width, dtype=k_nhwc.dtype, device=k_nhwc.device)[None, :]
    marks = torch.cat([rows.expand(-1, width, -1), columns.expand(height, -1, -1)], dim=-1)
    return marks.expand(maps, -1, -1, -1)


def _keep_loaded_length(
    module: nn.Module, state: dict[str, Any], prefix: str, *_unused: Any
) -> None:
    loaded = state.get(prefix + "table")
    table = module.get_parameter("table")
    if isinstance(loaded, Tensor) and loaded.ndim == 2 and loaded.shape[1] == table.shape[1]:
        table.data = table.new_empty(loaded.shape)


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
