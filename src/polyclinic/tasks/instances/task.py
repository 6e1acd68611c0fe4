"""Find the objects: boxes, classes and scores. Other tasks look at the regions it makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor
from torchvision.models.detection._utils import BoxCoder
from torchvision.ops import batched_nms, box_iou, clip_boxes_to_image, nms

from polyclinic.config import Config
from polyclinic.data import Facts
from polyclinic.metrics.case import Case
from polyclinic.metrics.metric import Metric
from polyclinic.models.region_heads import BoxHead
from polyclinic.models.region_pool import RegionPool
from polyclinic.sample import Sample
from polyclinic.tasks.draft import Draft
from polyclinic.tasks.instances.choose import IGNORE, choose
from polyclinic.tasks.instances.figures import instance_metrics
from polyclinic.tasks.instances.proposals import ProposalConfig, Proposals, mostly_inside
from polyclinic.tasks.scene import Loss, Regions, Scene
from polyclinic.tasks.task import FeatureShape, Prediction, Target, Task, TaskConfig


class BoxHeadConfig(Config):
    """The head that names and corrects each proposal; defaults of NFCMTL."""

    levels: tuple[str, ...] = ("p2", "p3", "p4", "p5")
    cells: int = 7
    hidden: int = 1024
    per_class_boxes: bool = True
    foreground_iou: float = 0.5
    sampled: int = Field(256, description="regions an image that the loss looks at")
    positive_share: float = 0.25
    box_weights: tuple[float, float, float, float] = (10.0, 10.0, 5.0, 5.0)
    smooth_l1_beta: float = 0.5


class InstancesConfig(TaskConfig):
    """Detection settings; the defaults are those of NFCMTL."""

    proposals: ProposalConfig = ProposalConfig()
    head: BoxHeadConfig = BoxHeadConfig()
    score_threshold: float = Field(0.05, ge=0, le=1)
    nms_iou: float = 0.5
    rivals: Literal["class", "all"] = Field(
        "class", description="a box suppresses boxes of its own class, or of all classes"
    )
    most: int = Field(100, ge=1, description="instances an image")

    def left_out(self, facts: Facts) -> str | None:
        """Boxes can come from boxes or masks; without either nothing can be found."""
        return None if facts.annotates("boxes") else "no image has annotated instances"

    def build(self, facts: Facts, features: FeatureShape) -> Instances:
        """Make the task for the classes of a data set."""
        return Instances(self, facts.classes, features.pyramid_channels)


class Instances(Task):
    """Faster R-CNN as a task: proposals, then class and box of each."""

    name = "instances"
    loss_names = ("rpn_class", "rpn_box", "class", "box")

    def __init__(self, config: InstancesConfig, classes: tuple[str, ...], channels: int) -> None:
        super().__init__()
        self.config, self.classes = config, classes
        self.proposals = Proposals(config.proposals, channels)
        self.pool = RegionPool(config.head.levels, config.head.cells)
        groups = len(classes) if config.head.per_class_boxes else 1
        self.head = BoxHead(channels, config.head.cells, config.head.hidden, len(classes), groups)
        self.coder = BoxCoder(config.head.box_weights)

    def encode(self, sample: Sample) -> Target:
        """Boxes (N, 4) corner-origin, labels (N,) from 1, crowd (N,), annotated ()."""
        instances = sample.instances or ()
        boxes = np.array([one.box for one in instances], np.float32).reshape(-1, 4) + 0.5
        labels = [0 if one.category is None else one.category + 1 for one in instances]
        return {
            "boxes": torch.from_numpy(boxes),
            "labels": torch.tensor(labels, dtype=torch.int64),
            "crowd": torch.tensor([one.crowd for one in instances], dtype=torch.bool),
            "annotated": torch.tensor(sample.instances is not None),
        }

    def losses(self, scene: Scene, targets: Sequence[Target]) -> dict[str, Loss]:
        """Losses of proposals and head; fills `scene.regions` with the regions looked at."""
        found = self.proposals(scene)
        counted = [t["boxes"][~t["crowd"]] for t in targets]
        crowds = [t["boxes"][t["crowd"]] for t in targets]
        boxes = [b if t["annotated"] else None for b, t in zip(counted, targets, strict=True)]
        rpn_class, rpn_box = self.proposals.losses(found, boxes, crowds, scene)
        scene.made = self._regions(found.boxes, targets, scene)
        logits, corrections = self._head(scene)
        labels = torch.cat(scene.regions.labels)
        class_loss = F.cross_entropy(logits, labels, reduction="sum")
        box_loss = self._box_loss(corrections, labels, targets, scene.regions)
        count = torch.tensor(float(len(labels)), device=labels.device)
        if not len(labels):
            return {}
        return {
            "rpn_class": rpn_class,
            "rpn_box": rpn_box,
            "class": Loss(class_loss, count),
            "box": Loss(box_loss, count),
        }

    def _head(self, scene: Scene) -> tuple[Tensor, Tensor]:
        logits, corrections = self.head(self.pool(scene.pyramid, scene.regions.boxes))
        return logits, corrections

    def _regions(
        self, proposals: Sequence[Tensor], targets: Sequence[Target], scene: Scene
    ) -> Regions:
        """Match proposals (and the annotated boxes) to annotations and draw a balanced few."""
        regions = Regions([], [])
        for boxes, target, key in zip(proposals, targets, scene.keys, strict=True):
            kept, label, match = self._match(boxes.detach(), target)
            rows = choose(
                label,
                number=self.config.head.sampled,
                positive_share=self.config.head.positive_share,
                key=key + 1,
            )
            regions.boxes.append(kept[rows])
            regions.labels.append(label[rows])
            regions.matches.append(match[rows])
        return regions

    def _match(self, proposals: Tensor, target: Target) -> tuple[Tensor, Tensor, Tensor]:
        rows = torch.nonzero(~target["crowd"])[:, 0]
        boxes = torch.cat([proposals, target["boxes"][rows]])
        label = torch.zeros(len(boxes), dtype=torch.int64, device=boxes.device)
        match = torch.zeros_like(label)
        if not target["annotated"]:
            return boxes, torch.full_like(label, IGNORE), match
        if len(rows):
            overlap, best = box_iou(boxes, target["boxes"][rows]).max(1)
            match = rows[best]
            label = torch.where(
                overlap >= self.config.head.foreground_iou, target["labels"][match], 0
            )
        crowd = target["boxes"][target["crowd"]]
        if len(crowd):
            label[(label == 0) & mostly_inside(boxes, crowd)] = IGNORE
        return boxes, label, match

    def _box_loss(
        self, corrections: Tensor, labels: Tensor, targets: Sequence[Target], regions: Regions
    ) -> Tensor:
        true = [
            t["boxes"][m] if len(t["boxes"]) else b
            for t, m, b in zip(targets, regions.matches, regions.boxes, strict=True)
        ]
        positive = torch.nonzero(labels > 0)[:, 0]
        wanted = self.coder.encode_single(
            torch.cat(true)[positive], torch.cat(regions.boxes)[positive]
        )
        group = (labels[positive] - 1) if corrections.shape[1] > 1 else torch.zeros_like(positive)
        given = corrections[positive, group]
        beta = self.config.head.smooth_l1_beta
        return F.smooth_l1_loss(given, wanted, beta=beta, reduction="sum")

    def predict(self, scene: Scene) -> list[Prediction]:
        """Boxes, labels (from 0), scores and class probabilities; fills `scene.regions`."""
        found = self.proposals(scene)
        empty = [torch.zeros(len(b), dtype=torch.int64, device=b.device) for b in found.boxes]
        scene.made = Regions(found.boxes, empty)
        logits, corrections = self._head(scene)
        counts = scene.regions.counts
        rows = [
            self._best(*one)
            for one in zip(
                found.boxes,
                logits.softmax(1).split(counts),
                corrections.split(counts),
                scene.sizes,
                strict=True,
            )
        ]
        scene.made = Regions([r["boxes"] for r in rows], [r["labels"] for r in rows])
        return rows

    def _best(
        self, boxes: Tensor, probabilities: Tensor, corrections: Tensor, size: tuple[int, int]
    ) -> Prediction:
        """Keep the best boxes of one image, each class of each region a candidate."""
        classes = len(self.classes)
        moved = self.coder.decode(corrections.flatten(1), [boxes])
        moved = clip_boxes_to_image(moved, size).expand(-1, classes, -1)
        scores = probabilities[:, 1:]
        region, label = torch.nonzero(scores > self.config.score_threshold, as_tuple=True)
        moved, scores = moved[region, label], scores[region, label]
        large = ((moved[:, 2:] - moved[:, :2]) > 0.01).all(1)
        moved, scores, region, label = moved[large], scores[large], region[large], label[large]
        if self.config.rivals == "class":
            keep = batched_nms(moved, scores, label, self.config.nms_iou)
        else:
            keep = nms(moved, scores, self.config.nms_iou)
        keep = keep[: self.config.most]
        return {
            "boxes": moved[keep],
            "labels": label[keep],
            "scores": scores[keep],
            "probabilities": probabilities[region[keep]],
        }

    def decode(self, prediction: Prediction, draft: Draft) -> None:
        """Write boxes, classes and scores in original pixels."""
        boxes = prediction["boxes"].cpu().double().numpy() - 0.5
        moved = draft.to_network.inverse().boxes(boxes)
        height, width = draft.sample.size
        moved = np.clip(moved, -0.5, np.array([width, height, width, height]) - 0.5)
        labels, scores = prediction["labels"].tolist(), prediction["scores"].tolist()
        shares = prediction["probabilities"][:, 1:].cpu().double().numpy()
        draft.instances = [
            {"box": box, "category": label, "score": score, "probabilities": share}
            for box, label, score, share in zip(moved, labels, scores, shares, strict=True)
        ]

    def metrics(self, cases: Sequence[Case], accept: float) -> list[Metric]:
        """Precision, recall, F1, class accuracy and box AP."""
        return instance_metrics(cases, self.classes, accept)
