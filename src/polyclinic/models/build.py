"""Encoders by name."""

from __future__ import annotations

from pathlib import Path

from polyclinic.errors import ConfigError
from polyclinic.models.batch_norm import Norm
from polyclinic.models.encoder import Encoder
from polyclinic.models.fpn import Finest
from polyclinic.models.mvit import MViT, MViTConfig
from polyclinic.models.mvit.weights import load_mvit_weights
from polyclinic.models.timm_encoder import STRIDES, TimmEncoder

MVIT_TINY = "mvitv2_tiny"


def build_encoder(
    name: str,
    *,
    weights: Path | None = None,
    norm: Norm = "batch",
    checkpoint: bool = False,
    finest: Finest = "p2",
) -> Encoder:
    """Build an encoder.

    Args:
        name: `mvitv2_tiny` is our MViTv2-T with hybrid window attention; any other name is
            timm's.
        weights: local weights file; None starts from scratch.
        norm: what becomes of batch normalisation, see `replace_batch_norm`. MViTv2 has none.
        checkpoint: trade time for memory in training, see `MViTConfig`. For `mvitv2_tiny` only:
            a second forward pass would move the statistics of batch normalisation twice.
        finest: level of the finest map; `p1` is for timm's models only.

    Raises:
        ConfigError: the name is unknown or unfit, the weights do not fit, `p1` is asked of
            `mvitv2_tiny`, or checkpointing of another encoder.
    """
    if name != MVIT_TINY:
        if checkpoint:
            raise ConfigError(
                f"{name!r} can't be recomputed in the backward pass",
                expected=f"checkpointing with {MVIT_TINY!r} only",
                where="encoder",
            )
        strides = (2, *STRIDES) if finest == "p1" else STRIDES
        return TimmEncoder(name, weights=weights, norm=norm, strides=strides)
    if finest == "p1":
        raise ConfigError(
            f"{name!r} has no map at stride 2", expected="finest p2", where="model.finest"
        )
    mvit = MViT(MViTConfig.tiny(checkpoint=checkpoint))
    if weights is not None:
        load_mvit_weights(mvit, weights)
    return mvit
