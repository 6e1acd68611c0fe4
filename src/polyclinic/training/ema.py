"""Averaged weights: steadier than the last ones."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

Tensors = tuple[Tensor, ...] | list[Tensor]


def averaged(network: nn.Module, decay: float) -> AveragedModel:
    """A copy of a network that follows an exponential moving average of its weights and buffers.

    The decay of the n-th update is min(decay, (1 + n) / (10 + n)), so that short trainings do not
    keep their first weights (as TensorFlow's ExponentialMovingAverage with `num_updates`).

    Args:
        network: copied; its device is kept.
        decay: of the average, for example 0.999.
    """

    def follow(average: Tensors, current: Tensors, updates: Tensor | int) -> None:
        keep = min(decay, (1 + int(updates)) / (10 + int(updates)))
        if average[0].is_floating_point():
            torch._foreach_lerp_(average, current, 1 - keep)
        else:
            for old, new in zip(average, current, strict=True):
                old.copy_(new)

    return AveragedModel(network, multi_avg_fn=follow, use_buffers=True)
