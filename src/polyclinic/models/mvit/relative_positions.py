"""Decomposed relative positions (MViTv2, equation 4).

Suffixes of tensor names: n maps, h height, w width, c channels, l rows of a table; q is a query,
k a key.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


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
