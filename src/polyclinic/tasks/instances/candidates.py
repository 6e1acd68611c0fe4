"""From corrected boxes and class probabilities to the instances that are reported."""

from __future__ import annotations

import torch
from torch import Tensor
from torchvision.ops import batched_nms, nms

from polyclinic.decoding.boxes import Rivals
from polyclinic.tasks.task import Prediction

LEAST_SIDE = 0.01
"""Network pixels: a box that was clipped to less lay outside the image."""


def best_candidates(
    boxes: Tensor,
    probabilities: Tensor,
    *,
    threshold: float,
    least: float = 0.0,
    nms_iou: float,
    rivals: Rivals,
    most: int,
) -> Prediction:
    """Take each class of each region as a candidate and keep the best.

    Args:
        boxes: (N, C, 4) corrected box of each region for each class.
        probabilities: (N, 1 + C), background first.
        threshold: scores up to it are dropped.
        least: lower scores are dropped; that changes nothing for higher ones.
        nms_iou: of two boxes that overlap more, the one with the lower score is dropped.
        rivals: whether that goes for boxes of one class or for all boxes.
        most: instances to keep.

    Returns:
        By descending score `boxes` (M, 4), `labels` (M,) from 0, `scores` (M,) and the
        `probabilities` (M, 1 + C) of their regions.
    """
    scores = probabilities[:, 1:]
    large = ((boxes[..., 2:] - boxes[..., :2]) > LEAST_SIDE).all(2)
    region, label = torch.nonzero((scores > threshold) & (scores >= least) & large, as_tuple=True)
    boxes, scores = boxes[region, label], scores[region, label]
    if rivals == "class":
        kept = batched_nms(boxes, scores, label, nms_iou)
    else:
        kept = nms(boxes, scores, nms_iou)
    kept = kept[:most]
    return {
        "boxes": boxes[kept],
        "labels": label[kept],
        "scores": scores[kept],
        "probabilities": probabilities[region[kept]],
    }
