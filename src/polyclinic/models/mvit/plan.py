"""The sequence of blocks that an `MViTConfig` stands for."""

from __future__ import annotations

from dataclasses import dataclass

from polyclinic.errors import ConfigError
from polyclinic.models.mvit.config import MViTConfig

PATCH_STRIDE = 4


@dataclass(frozen=True, kw_only=True)
class BlockPlan:
    """One block.

    Attributes:
        stage: index of its stage, 0 to 3.
        ends_stage: whether its output is the map of the stage.
        channels_in: channels that enter.
        channels_out: channels that leave; the attention makes the change.
        heads: attention heads.
        q_stride: stride of the query pooling, hence of the block.
        kv_stride: stride of the key and value pooling.
        window: side of the attention windows in cells of the entering map; None is global.
        table_cells: side in cells of the larger of the pooled query and key maps for which the
            tables of relative positions are sized.
        drop_path: probability that stochastic depth drops the block for a sample.
    """

    stage: int
    ends_stage: bool
    channels_in: int
    channels_out: int
    heads: int
    q_stride: int
    kv_stride: int
    window: int | None
    table_cells: int
    drop_path: float


def plan_blocks(config: MViTConfig) -> list[BlockPlan]:
    """Lay out the blocks in order.

    Width, heads and strides change in the first block of a stage. The window halves only after
    that block: its entering map still has the finer stride.

    Raises:
        ConfigError: a window is not a multiple of a stride, so queries and keys would be cut
            into different windows.
    """
    total = sum(config.depths)
    plans: list[BlockPlan] = []
    cells, window, channels = config.table_image // PATCH_STRIDE, config.window, config.widths[0]
    for stage, depth in enumerate(config.depths):
        middle = 0 < stage < len(config.depths) - 1
        for index in range(depth):
            last = index == depth - 1
            q_stride = 2 if stage > 0 and index == 0 else 1
            kv_stride = config.kv_strides[stage]
            if last and middle:
                kv_stride *= config.global_kv_factor
            whole = last and stage > 0
            if window:
                _check_window(window, q_stride, 1 if whole else kv_stride)
            plans.append(
                BlockPlan(
                    stage=stage,
                    ends_stage=last,
                    channels_in=channels,
                    channels_out=config.widths[stage],
                    heads=config.heads[stage],
                    q_stride=q_stride,
                    kv_stride=kv_stride,
                    window=None if whole else window,
                    table_cells=max(cells // q_stride, cells // kv_stride),
                    drop_path=config.drop_path * len(plans) / max(total - 1, 1),
                )
            )
            channels = config.widths[stage]
            cells //= q_stride
            window = window // q_stride if window else None
    return plans


def _check_window(window: int, q_stride: int, kv_stride: int) -> None:
    if window % q_stride or window % kv_stride:
        raise ConfigError(
            f"a window of {window} cells can't be pooled by {q_stride} and {kv_stride}",
            expected="a window that every stride of its stage divides, for example 56",
            where="MViTConfig.window",
        )
