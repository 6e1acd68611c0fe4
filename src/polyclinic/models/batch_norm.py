"""Replace batch normalisation where batches are too small for it."""

from __future__ import annotations

from typing import Literal

from timm.layers import BatchNormAct2d, GroupNormAct, freeze_batch_norm_2d
from torch import nn

Norm = Literal["batch", "group", "frozen"]

_MOST_GROUPS = 32
_FEWEST_CHANNELS = 8


def replace_batch_norm(model: nn.Module, norm: Norm) -> nn.Module:
    """Give a model a normalisation that does not depend on the batch.

    Statistics over two to four images are too noisy to train with (Wu & He, "Group
    Normalization", ECCV 2018, figure 1). Learned scales and shifts are kept. Layers other than
    batch normalisation stay as they are, so a network of LayerNorms is returned unchanged.

    Args:
        model: changed in place.
        norm: `batch` leaves it, `group` is for training from scratch, `frozen` keeps the
            statistics of pretrained weights and learns neither them nor the scales.

    Returns:
        The model, or its replacement where the model itself is a batch normalisation.
    """
    if norm == "batch":
        return model
    if norm == "frozen":
        frozen: nn.Module = freeze_batch_norm_2d(model)
        return frozen
    if isinstance(model, nn.BatchNorm2d):
        return _group_norm(model)
    for name, child in model.named_children():
        setattr(model, name, replace_batch_norm(child, norm))
    return model


def group_count(channels: int) -> int:
    """Most groups, at most 32, that divide the channels into groups of at least 8.

    A group of few channels on a map of few cells has no spread to divide by.
    """
    most = max(1, min(_MOST_GROUPS, channels // _FEWEST_CHANNELS))
    return next(groups for groups in range(most, 0, -1) if channels % groups == 0)


def _group_norm(batch_norm: nn.BatchNorm2d) -> nn.Module:
    channels, groups = batch_norm.num_features, group_count(batch_norm.num_features)
    replacement: nn.Module
    if isinstance(batch_norm, BatchNormAct2d):
        replacement = GroupNormAct(channels, num_groups=groups, eps=batch_norm.eps, apply_act=False)
        replacement.drop, replacement.act = batch_norm.drop, batch_norm.act
    else:
        replacement = nn.GroupNorm(groups, channels, eps=batch_norm.eps)
    if batch_norm.affine:
        replacement.weight, replacement.bias = batch_norm.weight, batch_norm.bias
    return replacement
