"""What an MViTv2 image backbone is made of, and the sequence of blocks that follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

from polyclinic.errors import ConfigError


class MViTConfig(BaseModel):
    """Shape of an MViTv2 backbone (Li et al., "MViTv2", CVPR 2022, sections 4 and A).

    All tuples hold one entry a stage. Stage i works at stride 4 * 2**i.

    Attributes:
        depths: blocks.
        widths: channels.
        heads: attention heads; they divide the widths.
        kv_strides: how much keys and values are pooled, against the map that enters a block.
        mlp_ratio: hidden width of the MLP over the width of the block.
        drop_path: stochastic depth of the last block; it rises linearly from 0.
        window: side in cells of the attention windows of the first stage, halved from stage to
            stage. The last block of every stage but the first attends globally (hybrid window
            attention). None: every block attends globally, as in the classification network.
        global_kv_factor: extra pooling of keys and values in the last block of the middle
            stages, which pays for their global attention on large images. 1 in the
            classification network.
        table_image: side in pixels of the square image for which the tables of relative
            positions are sized. Other sizes interpolate them.
        checkpoint: recompute each block in the backward pass instead of keeping its inner
            tensors: a tenth of the memory for a third more time, see `MViT`.

    Raises:
        ConfigError: the stages don't fit together.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    depths: tuple[PositiveInt, ...] = (1, 2, 5, 2)
    widths: tuple[PositiveInt, ...] = (96, 192, 384, 768)
    heads: tuple[PositiveInt, ...] = (1, 2, 4, 8)
    kv_strides: tuple[PositiveInt, ...] = (4, 2, 1, 1)
    mlp_ratio: float = Field(default=4.0, gt=0)
    drop_path: float = Field(default=0.2, ge=0, lt=1)
    window: PositiveInt | None = 56
    global_kv_factor: PositiveInt = 2
    table_image: PositiveInt = 224
    checkpoint: bool = False

    @classmethod
    def tiny(cls, *, drop_path: float = 0.2, checkpoint: bool = False) -> Self:
        """MViTv2-T for dense prediction: what detectron2 and NFCMTL call MViTv2-T."""
        return cls(drop_path=drop_path, checkpoint=checkpoint)

    @classmethod
    def tiny_classifier(cls, *, drop_path: float = 0.0) -> Self:
        """MViTv2-T as trained on ImageNet: the same weights, no windows, no extra pooling."""
        return cls(drop_path=drop_path, window=None, global_kv_factor=1)

    @model_validator(mode="after")
    def _stages_fit(self) -> Self:
        counts = {len(self.depths), len(self.widths), len(self.heads), len(self.kv_strides)}
        if counts != {4}:
            raise ConfigError(
                f"depths, widths, heads and kv_strides have {sorted(counts)} entries",
                expected="4 entries each, one a stage",
                where="MViTConfig",
            )
        for width, heads in zip(self.widths, self.heads, strict=True):
            if width % heads:
                raise ConfigError(
                    f"a width of {width} can't be shared by {heads} heads",
                    expected="widths that are multiples of heads",
                    where="MViTConfig.heads",
                )
        return self


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
