"""What naming a region wrongly costs."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def class_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Sum of cross-entropies; an object without a name only has to be an object.

    The probability of being any object is the sum over the classes, so an unnamed object costs
    -log(1 - P(background)): data without class names still teach what an object is.

    Args:
        logits: (N, 1 + C), background first.
        labels: (N,) 0 for background, 1 ... C for the classes, C + 1 for an unnamed object.
    """
    unnamed = labels >= logits.shape[1]
    named_loss = F.cross_entropy(logits, labels.masked_fill(unnamed, 0), reduction="none")
    any_object = logits.logsumexp(1) - logits[:, 1:].logsumexp(1)
    return torch.where(unnamed, any_object, named_loss).sum()
