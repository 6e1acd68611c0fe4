"""What anchors and regions learn: which object each stands for, and at what cost."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.models.detection._utils import Matcher
from torchvision.ops import box_iou

from polyclinic.tasks.task import Target


def match_anchors(
    anchors: Tensor, boxes: Tensor, crowds: Tensor, matcher: Matcher
) -> tuple[Tensor, Tensor]:
    """Label anchors of one image.

    Args:
        anchors: (A, 4).
        boxes: (M, 4) annotated objects.
        crowds: (K, 4) areas of uncounted objects: no anchor in them is background.
        matcher: thresholds on the overlap (intersection over union).

    Returns:
        (A,) labels: 1 object, 0 background, -1 to be ignored; and (A,) rows of `boxes`, 0 where
        the label is not 1.
    """
    labels = torch.zeros(len(anchors), dtype=torch.int64, device=anchors.device)
    matches = torch.zeros_like(labels)
    if len(boxes) and len(anchors):
        found = matcher(box_iou(boxes, anchors))
        labels = (found >= 0).long()
        labels[found == Matcher.BETWEEN_THRESHOLDS] = IGNORE
        matches = found.clamp(min=0)
    return _without_crowds(labels, anchors, crowds), matches


def match_regions(
    proposals: Tensor, target: Target, foreground_iou: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Label the proposals of one image, and add the annotated boxes to them.

    Args:
        proposals: (N, 4).
        target: of the instances task.
        foreground_iou: least overlap of a region with its object.

    Returns:
        (R, 4) boxes; (R,) labels: the object's, 0 background, -1 to be ignored; (R,) rows of
        the target, 0 where there is no object. On an image where objects were not annotated
        every region is ignored.
    """
    objects = torch.nonzero(~target["crowd"])[:, 0]
    boxes = torch.cat([proposals, target["boxes"][objects]])
    labels = torch.zeros(len(boxes), dtype=torch.int64, device=boxes.device)
    matches = torch.zeros_like(labels)
    if not target["annotated"]:
        return boxes, torch.full_like(labels, IGNORE), matches
    if len(objects):
        overlap, best = box_iou(boxes, target["boxes"][objects]).max(1)
        matches = objects[best]
        labels = torch.where(overlap >= foreground_iou, target["labels"][matches], 0)
    return boxes, _without_crowds(labels, boxes, target["boxes"][target["crowd"]]), matches


def mostly_inside(boxes: Tensor, areas: Tensor) -> Tensor:
    """(N,) whether more than half of each of (N, 4) boxes lies inside one of (K, 4) areas."""
    corner = torch.max(boxes[:, None, :2], areas[None, :, :2])
    far = torch.min(boxes[:, None, 2:], areas[None, :, 2:])
    shared = (far - corner).clamp(min=0).prod(2)
    whole = (boxes[:, 2:] - boxes[:, :2]).prod(1).clamp(min=1e-6)
    return (shared / whole[:, None] > 0.5).any(1)


def _without_crowds(labels: Tensor, boxes: Tensor, crowds: Tensor) -> Tensor:
    if not len(crowds):
        return labels
    return torch.where((labels == 0) & mostly_inside(boxes, crowds), IGNORE, labels)


IGNORE = -1


def choose(labels: Tensor, *, number: int, positive_share: float, key: int) -> Tensor:
    """Draw rows for a loss from one image.

    Args:
        labels: (N,) class, 0 for background, -1 for rows to be ignored.
        number: rows to draw at most.
        positive_share: share of foreground rows at most.
        key: random key of the image.

    Returns:
        Row numbers, foreground first.
    """
    generator = torch.Generator().manual_seed(key)
    positive = _shuffled(torch.nonzero(labels > 0)[:, 0], generator)
    negative = _shuffled(torch.nonzero(labels == 0)[:, 0], generator)
    positive = positive[: int(number * positive_share)]
    return torch.cat([positive, negative[: number - len(positive)]])


def _shuffled(rows: Tensor, generator: torch.Generator) -> Tensor:
    order = torch.randperm(len(rows), generator=generator)
    return rows[order.to(rows.device)]


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
