"""What an MViTv2 image backbone is made of."""

from __future__ import annotations

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
