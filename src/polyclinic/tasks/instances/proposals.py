"""Where objects may be: anchors, scored and corrected (Ren et al., Faster R-CNN, 2015)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.rpn import (
    RegionProposalNetwork,
    RPNHead,
    concat_box_prediction_layers,
)

from polyclinic.config import Config
from polyclinic.tasks.instances.choose import IGNORE, choose, concatenated
from polyclinic.tasks.scene import Loss, Scene


class ProposalConfig(Config):
    """Region proposals; the defaults are those of NFCMTL."""

    levels: tuple[str, ...] = ("p2", "p3", "p4", "p5", "p6")
    anchor_sizes: tuple[int, ...] = (32, 64, 128, 256, 512)
    ratios: tuple[float, ...] = Field((0.5, 1.0, 2.0), description="height / width")
    foreground_iou: float = 0.7
    background_iou: float = 0.3
    sampled: int = Field(128, description="anchors an image that the loss looks at")
    positive_share: float = 0.5
    before_nms: tuple[int, int] = Field((2000, 1000), description="a level: training, reading")
    after_nms: tuple[int, int] = Field((1500, 1000), description="in all: training, reading")
    nms_iou: float = 0.7


@dataclass
class Anchored:
    """What the proposal head says of every anchor of a batch."""

    anchors: list[Tensor]
    objectness: Tensor
    corrections: Tensor
    boxes: list[Tensor]


class Proposals(nn.Module):
    """torchvision's proposal network with losses as sums and sampling by image."""

    def __init__(self, config: ProposalConfig, channels: int) -> None:
        super().__init__()
        self.config = config
        anchors = AnchorGenerator(
            tuple((size,) for size in config.anchor_sizes),
            (config.ratios,) * len(config.anchor_sizes),
        )
        train, test = 0, 1
        self.network = RegionProposalNetwork(
            anchors,
            RPNHead(channels, anchors.num_anchors_per_location()[0]),
            config.foreground_iou,
            config.background_iou,
            config.sampled,
            config.positive_share,
            {"training": config.before_nms[train], "testing": config.before_nms[test]},
            {"training": config.after_nms[train], "testing": config.after_nms[test]},
            config.nms_iou,
        )

    def forward(self, scene: Scene) -> Anchored:
        """Score all anchors and keep the best boxes of each image."""
        maps = [scene.pyramid[level] for level in self.config.levels]
        objectness, corrections = self.network.head(maps)
        frames = [scene.frame] * len(scene.sizes)
        images = ImageList(torch.empty(len(frames), 3, *scene.frame, device="meta"), frames)
        anchors = [one.to(scene.device) for one in self.network.anchor_generator(images, maps)]
        a_level = [scores[0].numel() for scores in objectness]
        scores, deltas = concat_box_prediction_layers(
            [o.float() for o in objectness], [c.float() for c in corrections]
        )
        decoded = self.network.box_coder.decode(deltas.detach(), anchors)
        boxes, _ = self.network.filter_proposals(
            decoded.view(len(anchors), -1, 4), scores, list(scene.sizes), a_level
        )
        return Anchored(anchors, scores.flatten(), deltas, boxes)

    def losses(
        self,
        found: Anchored,
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
        config, coder = self.config, self.network.box_coder
        targets = [{"boxes": b if b is not None else found.anchors[0][:0]} for b in boxes]
        labels, matched = self.network.assign_targets_to_anchors(found.anchors, targets)
        for label, box, crowd, anchors in zip(labels, boxes, crowds, found.anchors, strict=True):
            if box is None:
                label[:] = IGNORE
            elif len(crowd):
                label[(label == 0) & mostly_inside(anchors, crowd)] = IGNORE
        rows = [
            choose(label, number=config.sampled, positive_share=config.positive_share, key=key)
            for label, key in zip(labels, scene.keys, strict=True)
        ]
        chosen = concatenated(rows, [len(label) for label in labels])
        label = torch.cat(labels)[chosen]
        score_loss = F.binary_cross_entropy_with_logits(
            found.objectness[chosen], label, reduction="sum"
        )
        positive = chosen[label > 0]
        wanted = torch.cat(coder.encode(matched, found.anchors))[positive]
        box_loss = F.l1_loss(found.corrections[positive], wanted, reduction="sum")
        count = torch.tensor(float(len(chosen)), device=label.device)
        return Loss(score_loss, count), Loss(box_loss, count)


def mostly_inside(boxes: Tensor, regions: Tensor) -> Tensor:
    """(N,) whether more than half of each box lies inside one of the regions."""
    corner = torch.max(boxes[:, None, :2], regions[None, :, :2])
    far = torch.min(boxes[:, None, 2:], regions[None, :, 2:])
    shared = (far - corner).clamp(min=0).prod(2)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1).clamp(min=1e-6)
    return (shared / area[:, None] > 0.5).any(1)
