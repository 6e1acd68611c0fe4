"""Objects: from scores and corrections of anchors to boxes, classes and scores, in numpy.

Source: Ren et al., Faster R-CNN, 2015.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from polyclinic.config import Config
from polyclinic.decoding.decoder import Decoder, Found, ReadingBuilder
from polyclinic.geometry import Size

Floats = NDArray[np.float32]
Weights = tuple[float, float, float, float]

LARGEST_CORRECTION = np.float32(math.log(1000 / 16))
"""Of the logarithm of a side; larger ones are cut."""


def correct(boxes: Floats, corrections: Floats, weights: Weights = (1, 1, 1, 1)) -> Floats:
    """Move and stretch boxes (Girshick et al., R-CNN, 2014, equations 1 to 4).

    Args:
        boxes: to start from.
        corrections: (N, 4) shift of the middle in sides, then logarithms of the stretch.
        weights: by which they are divided.
    """
    sides = boxes[:, 2:] - boxes[:, :2]
    middle = boxes[:, :2] + np.float32(0.5) * sides
    given = corrections / np.array(weights, np.float32)
    moved = given[:, :2] * sides + middle
    half = np.exp(np.minimum(given[:, 2:], LARGEST_CORRECTION)) * sides * np.float32(0.5)
    return np.concatenate([moved - half, moved + half], axis=1)


def clip(boxes: Floats, size: Size) -> Floats:
    """Boxes cut at the edges of an image of (height, width)."""
    height, width = size
    return np.clip(boxes, 0, np.array([width, height, width, height], np.float32))


def highest(scores: Floats, number: int) -> NDArray[np.intp]:
    """Rows of the highest scores, best first."""
    if number < len(scores):
        rows = np.argpartition(scores, len(scores) - number)[len(scores) - number :]
    else:
        rows = np.arange(len(scores))
    return np.asarray(rows[np.argsort(-scores[rows], kind="stable")])


def suppress(
    boxes: Floats, scores: Floats, groups: NDArray[np.integer], iou: float
) -> NDArray[np.intp]:
    """Rows that no better box of their group overlaps by more than `iou`, best first.

    Args:
        boxes: all.
        scores: (N,).
        groups: (N,) from 0; boxes of other groups are no rivals.
        iou: intersection over union.
    """
    order = np.argsort(-scores, kind="stable")
    corners = boxes[order].astype(np.float64)
    sides = np.column_stack([corners[:, :2], corners[:, 2:] - corners[:, :2]])
    # OpenCV wants scores above 0: any that fall will do.
    falling = np.arange(len(order), 0, -1, dtype=np.float32)
    group_of = groups[order]
    places = [np.empty(0, np.intp)]
    for group in np.unique(group_of):
        own = np.flatnonzero(group_of == group)
        kept = cv2.dnn.NMSBoxes(sides[own], falling[own], 0.0, iou)  # type: ignore[arg-type]
        places.append(own[np.asarray(kept, np.intp).reshape(-1)])
    return np.asarray(order[np.sort(np.concatenate(places))])


CellAnchors = tuple[tuple[tuple[float, float, float, float], ...], ...]
"""Boxes around the corner of a cell, by level and shape."""

MULTIPLE = 32
"""Frames have sides that are multiples of it."""


class AnchorRows(NamedTuple):
    """The anchors of one level that lie in the image, not in its padding.

    Args:
        rows: (N,) of all anchors of all levels.
        boxes: (N, 4) float32, corner-origin network pixels.
    """

    rows: NDArray[np.intp]
    boxes: NDArray[np.float32]


def padded(size: Size) -> Size:
    """(height, width) of the frame of an image of that size."""
    return -(-size[0] // MULTIPLE) * MULTIPLE, -(-size[1] // MULTIPLE) * MULTIPLE


@lru_cache(maxsize=8)
def anchor_grids(
    strides: tuple[int, ...], anchors: CellAnchors, size: Size
) -> tuple[AnchorRows, ...]:
    """Anchors by level for an image of (height, width); by row, column and shape."""
    frame, offset, grids = padded(size), 0, []
    for stride, shapes in zip(strides, anchors, strict=True):
        cells = (-(-frame[0] // stride), -(-frame[1] // stride))
        y, x = np.mgrid[
            : min(cells[0], -(-size[0] // stride)), : min(cells[1], -(-size[1] // stride))
        ]
        rows = offset + (y * cells[1] + x)[..., None] * len(shapes) + np.arange(len(shapes))
        corners = (np.stack([x, y, x, y], axis=-1) * stride).astype(np.float32)
        boxes = corners[:, :, None] + np.array(shapes, np.float32)
        grids.append(AnchorRows(rows.ravel(), boxes.reshape(-1, 4)))
        offset += cells[0] * cells[1] * len(shapes)
    return tuple(grids)


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


class BoxDecoder(Decoder):
    """Writes the instances; other decoders add to them."""

    def decode(self, found: Found, draft: ReadingBuilder) -> None:
        """Write boxes, classes and scores in original pixels.

        Args:
            found: `boxes` (N, 4) corner-origin network pixels, `labels` (N,), `scores` (N,) in
                descending order, `probabilities` (N, 1 + C), background first.
            draft: gets instances.
        """
        moved = draft.to_network.inverse().boxes(found["boxes"].astype(np.float64) - 0.5)
        height, width = draft.sample.size
        moved = np.clip(moved, -0.5, np.array([width, height, width, height]) - 0.5)
        labels, scores = found["labels"].tolist(), found["scores"].tolist()
        shares = found["probabilities"][:, 1:].astype(np.float64)
        draft.instances = [
            {"box": box, "category": label, "score": score, "probabilities": share}
            for box, label, score, share in zip(moved, labels, scores, shares, strict=True)
        ]
