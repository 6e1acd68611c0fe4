"""Encoders by name, and the pyramid that fits them."""

from __future__ import annotations

from pathlib import Path

from polyclinic.errors import ConfigError
from polyclinic.models.batch_norm import Norm
from polyclinic.models.encoder import Encoder
from polyclinic.models.fpn import FeaturePyramid, Finest, SingleLevel
from polyclinic.models.hourglass import HourglassConfig, HourglassEncoder
from polyclinic.models.mvit import MViT, MViTConfig
from polyclinic.models.mvit.weights import load_mvit_weights
from polyclinic.models.timm_encoder import STRIDES, TimmEncoder

MVIT_TINY = "mvitv2_tiny"
HOURGLASS = "hourglass"


def build_encoder(
    name: str,
    *,
    weights: Path | None = None,
    norm: Norm = "batch",
    checkpoint: bool = False,
    finest: Finest = "p2",
    hourglass: HourglassConfig | None = None,
    trained: bool = False,
) -> Encoder:
    """Build an encoder.

    Args:
        name: `mvitv2_tiny` is our MViTv2-T with hybrid window attention, `hourglass` the network
            of KNEEL with a single map; any other name is timm's.
        weights: local weights file; None starts from scratch.
        norm: what becomes of batch normalisation, see `replace_batch_norm`. MViTv2 has none.
        checkpoint: trade time for memory in training, see `MViTConfig`. For `mvitv2_tiny` only:
            a second forward pass would move the statistics of batch normalisation twice.
        finest: level of the finest map; `p1` is for timm's models only.
        hourglass: settings of `hourglass`.
        trained: whether the weights of a trained network follow, so that `frozen` needs none here.

    Raises:
        ConfigError: the name is unknown or unfit, the weights do not fit, `p1` is asked of
            `mvitv2_tiny` or `hourglass`, or checkpointing of another encoder than the first.
    """
    if name != MVIT_TINY:
        if checkpoint:
            raise ConfigError(
                f"{name!r} can't be recomputed in the backward pass",
                expected=f"checkpointing with {MVIT_TINY!r} only",
                where="encoder",
            )
        if name == HOURGLASS:
            _refuse_for_hourglass(weights, norm, finest)
            return HourglassEncoder(hourglass or HourglassConfig(), norm=norm)
        strides = (2, *STRIDES) if finest == "p1" else STRIDES
        return TimmEncoder(name, weights=weights, norm=norm, strides=strides, trained=trained)
    if finest == "p1":
        raise ConfigError(
            f"{name!r} has no map at stride 2", expected="finest p2", where="model.finest"
        )
    mvit = MViT(MViTConfig.tiny(checkpoint=checkpoint))
    if weights is not None:
        load_mvit_weights(mvit, weights)
    return mvit


def build_pyramid(
    encoder: Encoder, channels: int, *, finest: Finest = "p2"
) -> FeaturePyramid | SingleLevel:
    """The feature pyramid over an encoder's maps; an encoder with one map offers that as it is.

    Args:
        encoder: makes the maps.
        channels: of every level of a pyramid.
        finest: level of the encoder's finest map.
    """
    if len(encoder.channels) == 1:
        return SingleLevel(encoder.channels[0], encoder.strides[0])
    return FeaturePyramid(encoder.channels, channels, finest=finest)


def _refuse_for_hourglass(weights: Path | None, norm: Norm, finest: Finest) -> None:
    for asked, what, where in (
        (weights is not None, "there are no weights for an hourglass alone", "model.weights"),
        (norm == "frozen", "frozen normalisation needs pretrained weights", "model.norm"),
        (finest != "p2", "an hourglass has one map, at stride 4", "model.finest"),
    ):
        if asked:
            raise ConfigError(what, expected="the default", where=where)
