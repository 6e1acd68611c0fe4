"""Region proposal network: anchors, scored and corrected (Ren et al., Faster R-CNN, 2015)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import torch
import torch.nn.functional as F
from pydantic import Field, PositiveFloat, PositiveInt, model_validator
from torch import Tensor, nn
from torchvision.models.detection._utils import BoxCoder, Matcher
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.rpn import RPNHead, concat_box_prediction_layers
from torchvision.ops import batched_nms, clip_boxes_to_image, remove_small_boxes

from polyclinic.config import Config
from polyclinic.tasks.instances.matching import choose, match_anchors
from polyclinic.tasks.scene import Loss, Scene


class AnchorGrid:
    """Anchors of each level, `stride` network pixels apart.

    torchvision's generator is asked for shapes and grid only. Called as a whole it would divide
    the frame by the cells to find the stride, which is wrong where a map was rounded up (288
    pixels and 5 cells of p6), and would round anchors to the type of the maps: in bfloat16 by
    pixels.

    Args:
        levels: names of the maps, such as `p2`: a cell of it spans 2^2 pixels.
        sizes: square root of the anchors' area, one a level.
        ratios: height / width.
    """

    def __init__(
        self, levels: Sequence[str], sizes: Sequence[int], ratios: tuple[float, ...]
    ) -> None:
        self.shapes = AnchorGenerator(tuple((size,) for size in sizes), (ratios,) * len(sizes))
        self.strides = [2 ** int(level[1:]) for level in levels]
        self.a_cell = len(ratios)

    def boxes(self, maps: Sequence[Tensor]) -> Tensor:
        """(A, 4) corner-origin anchors of all levels, by row, column, ratio."""
        self.shapes.set_cell_anchors(torch.float32, maps[0].device)
        grids = [list(one.shape[-2:]) for one in maps]
        found = self.shapes.grid_anchors(grids, [[stride, stride] for stride in self.strides])
        return torch.cat(found)

    def cell_anchors(self) -> tuple[tuple[tuple[float, float, float, float], ...], ...]:
        """Anchors around the corner of a cell, by level and ratio."""
        self.shapes.set_cell_anchors(torch.float32, torch.device("cpu"))
        return tuple(tuple(tuple(box) for box in one.tolist()) for one in self.shapes.cell_anchors)

    def rows_inside(self, maps: Sequence[Tensor], size: tuple[int, int]) -> list[Tensor]:
        """Row numbers, a level, of the anchors centred in an image of (height, width).

        The rest of the frame is padding: what is there depends on the other images of the batch.
        """
        device, offset, rows = maps[0].device, 0, []
        for one, stride in zip(maps, self.strides, strict=True):
            height, width = one.shape[-2:]
            y = torch.arange(min(height, -(-size[0] // stride)), device=device)
            x = torch.arange(min(width, -(-size[1] // stride)), device=device)
            cells = (y[:, None] * width + x).flatten()
            ratio = torch.arange(self.a_cell, device=device)
            rows.append((offset + cells[:, None] * self.a_cell + ratio).flatten())
            offset += height * width * self.a_cell
        return rows


LEAST_SIDE = 1e-3


class ProposalConfig(Config):
    """Region proposals; the defaults are those of NFCMTL."""

    levels: tuple[str, ...] = ("p2", "p3", "p4", "p5", "p6")
    anchor_sizes: tuple[PositiveInt, ...] = (32, 64, 128, 256, 512)
    ratios: tuple[PositiveFloat, ...] = Field((0.5, 1.0, 2.0), description="height / width")
    foreground_iou: float = Field(0.7, gt=0, le=1)
    background_iou: float = Field(0.3, ge=0, le=1)
    sampled: PositiveInt = Field(128, description="anchors an image that the loss looks at")
    positive_share: float = Field(0.5, ge=0, le=1)
    before_nms: tuple[PositiveInt, PositiveInt] = Field(
        (2000, 1000), description="a level: training, reading"
    )
    after_nms: tuple[PositiveInt, PositiveInt] = Field(
        (1500, 1000), description="in all: training, reading"
    )
    nms_iou: float = Field(0.7, ge=0, le=1)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if len(self.anchor_sizes) != len(self.levels):
            raise ValueError("anchor_sizes and levels differ in length")
        if not self.ratios:
            raise ValueError("at least one ratio is needed")
        if self.background_iou > self.foreground_iou:
            raise ValueError("background_iou is above foreground_iou")
        return self


@dataclass(frozen=True)
class Proposed:
    """What the proposal head says of every anchor of a batch; B images, A anchors.

    Args:
        anchors: (A, 4).
        inside: rows of the anchors that lie in each image, not in its padding.
        objectness: (B, A) logits.
        corrections: (B, A, 4).
        boxes: (N, 4) an image, the best ones.
    """

    anchors: Tensor
    inside: list[Tensor]
    objectness: Tensor
    corrections: Tensor
    boxes: list[Tensor]


class Proposals(nn.Module):
    """A region proposal network with losses as sums and sampling by image."""

    def __init__(self, config: ProposalConfig, channels: int) -> None:
        super().__init__()
        self.config = config
        self.grid = AnchorGrid(config.levels, config.anchor_sizes, config.ratios)
        self.head = RPNHead(channels, self.grid.a_cell)
        self.coder = BoxCoder((1.0, 1.0, 1.0, 1.0))
        self.matcher = Matcher(
            config.foreground_iou, config.background_iou, allow_low_quality_matches=True
        )

    def forward(self, scene: Scene) -> Proposed:
        """Score all anchors and keep the best boxes of each image."""
        maps = [scene.pyramid[level] for level in self.config.levels]
        scores, deltas = self.score(scene)
        anchors = self.grid.boxes(maps)
        inside = [self.grid.rows_inside(maps, size) for size in scene.sizes]
        boxes = [
            self._best(anchors, score, delta, rows, size)
            for score, delta, rows, size in zip(
                scores.detach(), deltas.detach(), inside, scene.sizes, strict=True
            )
        ]
        return Proposed(anchors, [torch.cat(rows) for rows in inside], scores, deltas, boxes)

    def score(self, scene: Scene) -> tuple[Tensor, Tensor]:
        """Objectness (B, A) and corrections (B, A, 4) of all anchors."""
        objectness, corrections = self.head([scene.pyramid[one] for one in self.config.levels])
        scores, deltas = concat_box_prediction_layers(
            [o.float() for o in objectness], [c.float() for c in corrections]
        )
        images = len(scene.sizes)
        return scores.view(images, -1), deltas.view(images, -1, 4)

    def _best(
        self,
        anchors: Tensor,
        score: Tensor,
        delta: Tensor,
        levels: Sequence[Tensor],
        size: tuple[int, int],
    ) -> Tensor:
        """(N, 4) boxes of one image, best first; only a level's best are decoded."""
        mode = 0 if self.training else 1
        before, after = self.config.before_nms[mode], self.config.after_nms[mode]
        tops = [rows[score[rows].topk(min(before, len(rows))).indices] for rows in levels]
        level = torch.cat([torch.full_like(top, number) for number, top in enumerate(tops)])
        chosen = torch.cat(tops)
        boxes = self.coder.decode_single(delta[chosen], anchors[chosen])
        boxes = clip_boxes_to_image(boxes, size)
        large = remove_small_boxes(boxes, LEAST_SIDE)
        boxes, score, level = boxes[large], score[chosen[large]], level[large]
        return boxes[batched_nms(boxes, score, level, self.config.nms_iou)[:after]]

    def losses(
        self,
        found: Proposed,
        boxes: Sequence[Tensor | None],
        crowds: Sequence[Tensor],
        scene: Scene,
    ) -> tuple[Loss, Loss]:
        """Objectness and correction losses.

        Args:
            found: what `forward` gave.
            boxes: (M, 4) annotated boxes an image; None where objects were not annotated.
            crowds: (K, 4) boxes of uncounted objects an image.
            scene: for the random keys.
        """
        score_loss, box_loss = found.objectness.new_zeros(2).unbind()
        count = 0
        for image, (box, crowd, key) in enumerate(zip(boxes, crowds, scene.keys, strict=True)):
            if box is None:
                continue
            inside = found.inside[image]
            label, match = match_anchors(found.anchors[inside], box, crowd, self.matcher)
            chosen = choose(
                label,
                number=self.config.sampled,
                positive_share=self.config.positive_share,
                key=key,
            )
            row, label = inside[chosen], label[chosen]
            score_loss = score_loss + F.binary_cross_entropy_with_logits(
                found.objectness[image, row], label.float(), reduction="sum"
            )
            row, match = row[label > 0], match[chosen[label > 0]]
            wanted = self.coder.encode_single(box[match], found.anchors[row])
            given = found.corrections[image, row]
            box_loss = box_loss + F.l1_loss(given, wanted, reduction="sum")
            count += len(chosen)
        number = torch.tensor(float(count), device=scene.device)
        return Loss(score_loss, number), Loss(box_loss, number)
