"""From scores of anchors to instances, in numpy: what `tasks.instances` does with torch.

Source: Ren et al., Faster R-CNN, 2015.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from polyclinic.config import Config
from polyclinic.decoding.anchors import CellAnchors, anchor_grids
from polyclinic.decoding.boxing import Floats, clip, correct, highest, suppress
from polyclinic.geometry import Size

Rivals = Literal["class", "all"]

LEAST_PROPOSAL = 1e-3
LEAST_INSTANCE = 0.01


class Detector(Config):
    """Proposes regions and chooses instances among them.

    Args:
        classes: foreground classes C.
        strides: network pixels a cell of each level.
        anchors: boxes around the corner of a cell, by level and ratio.
        before_nms, after_nms: proposals a level before, and in all after suppression.
        proposal_iou: overlap of proposals from which the better one stays.
        box_weights: by which corrections of instances are divided.
        score_threshold: scores up to it are dropped.
        nms_iou: overlap of instances from which the better one stays.
        rivals: whether that goes for instances of one class or for all.
        most: instances an image.
        not_taught: rows of the classes without an example; nothing is said to be one.
    """

    classes: int
    strides: tuple[int, ...]
    anchors: CellAnchors
    before_nms: int
    after_nms: int
    proposal_iou: float
    box_weights: tuple[float, float, float, float]
    score_threshold: float
    nms_iou: float
    rivals: Rivals
    most: int
    not_taught: tuple[int, ...] = ()

    def propose(self, objectness: Floats, corrections: Floats, size: Size) -> Floats:
        """(N, 4) boxes in which something may be, best first.

        Args:
            objectness: (A,) of the anchors by level, row, column and ratio.
            corrections: (A, 4) of them.
            size: (height, width) of the image inside the frame.
        """
        boxes, scores, levels = [], [], []
        for level, grid in enumerate(anchor_grids(self.strides, self.anchors, size)):
            best = highest(objectness[grid.rows], self.before_nms)
            rows = grid.rows[best]
            boxes.append(clip(correct(grid.boxes[best], corrections[rows]), size))
            scores.append(objectness[rows])
            levels.append(np.full(len(best), level))
        box, score, level_of = np.concatenate(boxes), np.concatenate(scores), np.concatenate(levels)
        large = ((box[:, 2:] - box[:, :2]) >= LEAST_PROPOSAL).all(1)
        box, score, level_of = box[large], score[large], level_of[large]
        return np.asarray(box[suppress(box, score, level_of, self.proposal_iou)][: self.after_nms])

    def choose(
        self, boxes: Floats, logits: Floats, corrections: Floats, size: Size, least: float
    ) -> dict[str, NDArray[Any]]:
        """The instances among (N, 4) proposals, for `BoxDecoder`.

        Args:
            boxes: proposals.
            logits: (N, 1 + C), background first.
            corrections: (N, C or 1, 4).
            size: (height, width) of the image inside the frame.
            least: lower scores are dropped.
        """
        if self.not_taught:
            logits = logits.copy()
            logits[:, [1 + row for row in self.not_taught]] = -np.inf
        shares = softmax(logits, axis=1)
        groups = corrections.shape[1]
        moved = correct(
            np.repeat(boxes, groups, axis=0), corrections.reshape(-1, 4), self.box_weights
        )
        moved = clip(moved, size).reshape(-1, groups, 4)
        moved = np.broadcast_to(moved, (len(boxes), self.classes, 4))
        large = ((moved[..., 2:] - moved[..., :2]) > LEAST_INSTANCE).all(2)
        scores = shares[:, 1:]
        region, label = np.nonzero((scores > self.score_threshold) & (scores >= least) & large)
        box, score = moved[region, label], scores[region, label]
        rivals = label if self.rivals == "class" else np.zeros_like(label)
        kept = suppress(box, score, rivals, self.nms_iou)[: self.most]
        return {
            "boxes": box[kept],
            "labels": label[kept].astype(np.int64),
            "scores": score[kept],
            "probabilities": shares[region[kept]],
        }
