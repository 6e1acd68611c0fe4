"""Find the objects: boxes, classes and scores. Other tasks look at the regions it makes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from pydantic import Field, PositiveFloat, PositiveInt
from torch import Tensor
from torchvision.models.detection._utils import BoxCoder
from torchvision.ops import clip_boxes_to_image

from polyclinic.config import Config
from polyclinic.data import Facts
from polyclinic.decoding import BoxDecoder, Detector
from polyclinic.decoding.boxes import Rivals
from polyclinic.models.region_heads import BoxHead
from polyclinic.models.region_pool import RegionPool
from polyclinic.sample import Instance, Sample
from polyclinic.tasks.instances.candidates import best_candidates
from polyclinic.tasks.instances.matching import choose, class_loss, match_regions
from polyclinic.tasks.instances.proposals import ProposalConfig, Proposals
from polyclinic.tasks.scale import ONE_OF, VALUES, Scale
from polyclinic.tasks.scene import Loss, Regions, Scene
from polyclinic.tasks.task import (
    INSTANCES,
    FeatureShape,
    NamedRows,
    Prediction,
    Target,
    Task,
    TaskConfig,
    refuse_not_finite,
    rows_of_layer,
)

EVERYWHERE = np.array([-1e5, -1e5, 1e5, 1e5])
"""Holds every anchor whole, those that reach beyond the image too."""


class BoxHeadConfig(Config):
    """The head that names and corrects each proposal; defaults of NFCMTL."""

    levels: tuple[str, ...] = ("p2", "p3", "p4", "p5")
    cells: PositiveInt = 7
    hidden: PositiveInt = 1024
    per_class_boxes: bool = True
    foreground_iou: float = Field(0.5, gt=0, le=1)
    sampled: PositiveInt = Field(256, description="regions an image that the loss looks at")
    positive_share: float = Field(0.25, ge=0, le=1)
    box_weights: tuple[PositiveFloat, PositiveFloat, PositiveFloat, PositiveFloat] = (
        10.0,
        10.0,
        5.0,
        5.0,
    )
    smooth_l1_beta: float = Field(0.5, ge=0)


class InstancesConfig(TaskConfig):
    """Detection settings; the defaults are those of NFCMTL."""

    proposals: ProposalConfig = ProposalConfig()
    head: BoxHeadConfig = BoxHeadConfig()
    score_threshold: float = Field(0.05, ge=0, le=1)
    nms_iou: float = Field(0.5, ge=0, le=1)
    rivals: Rivals = Field(
        "class", description="a box suppresses boxes of its own class, or of all classes"
    )
    most: int = Field(
        100,
        ge=1,
        description="instances an image; twice as many as the fullest annotated image holds, where "
        "that is more",
    )

    @property
    def writes(self) -> tuple[str, ...]:
        """The instances."""
        return (INSTANCES,)

    def left_out(self, facts: Facts) -> str | None:
        """Needs classes, and boxes (or masks, around which they are drawn)."""
        if not facts.classes:
            return "the data set names no classes"
        return None if facts.teaches("boxes") else "no image to train on has annotated instances"

    def build(self, facts: Facts, features: FeatureShape) -> Instances:
        """Make the task for the classes of a data set."""
        features.check_levels(self.proposals.levels, where="instances.proposals.levels")
        features.check_levels(self.head.levels, where="instances.head.levels")
        roomy = self.with_room_for(2 * facts.most_instances)
        return Instances(
            roomy, facts.classes, features.pyramid_channels, facts.rows_not_taught("classes")
        )

    def with_room_for(self, most: int) -> InstancesConfig:
        """The same for images that may hold so many instances, and as many proposals twice."""
        if most <= self.most:
            return self
        training, reading = self.proposals.after_nms
        proposals = self.proposals.model_copy(
            update={"after_nms": (training, max(reading, 2 * most))}
        )
        return self.model_copy(update={"most": most, "proposals": proposals})


class Instances(Task):
    """Faster R-CNN as a task: proposals, then class and box of each.

    Args:
        config: settings.
        classes: names.
        channels: of the pyramid.
        not_taught: rows of the classes without an example; nothing is said to be one.
    """

    name = "instances"
    loss_names = ("rpn_class", "rpn_box", "class", "box")
    scales: Mapping[str, Scale] = {"objectness": VALUES, "corrections": VALUES, "logits": ONE_OF}

    def __init__(
        self,
        config: InstancesConfig,
        classes: tuple[str, ...],
        channels: int,
        not_taught: tuple[int, ...] = (),
    ) -> None:
        super().__init__()
        self.config, self.classes, self.not_taught = config, classes, not_taught
        self.proposals = Proposals(config.proposals, channels)
        self.region_levels = config.head.levels
        self.pool = RegionPool(config.head.levels, config.head.cells)
        groups = len(classes) if config.head.per_class_boxes else 1
        self.head = BoxHead(channels, config.head.cells, config.head.hidden, len(classes), groups)
        self.coder = BoxCoder(config.head.box_weights)

    def encode(self, sample: Sample) -> Target:
        """Boxes (N, 4) corner-origin, labels (N,), crowd (N,), annotated ().

        Labels are those of `Regions` while training. Where only some objects of the image are
        annotated, a last row is a crowd that holds all of it: nothing there is background.
        """
        instances = list(sample.instances or ())
        if sample.instances is not None and not sample.objects_complete:
            instances.append(Instance(box=EVERYWHERE, crowd=True))
        boxes = np.array([one.box for one in instances], np.float32).reshape(-1, 4) + 0.5
        unnamed = len(self.classes)
        labels = [1 + (unnamed if one.category is None else one.category) for one in instances]
        return {
            "boxes": torch.from_numpy(boxes),
            "labels": torch.tensor(labels, dtype=torch.int64),
            "crowd": torch.tensor([one.crowd for one in instances], dtype=torch.bool),
            "annotated": torch.tensor(sample.instances is not None),
        }

    def losses(self, scene: Scene, targets: Sequence[Target]) -> dict[str, Loss]:
        """Losses of proposals and head; fills `scene.regions` with the regions looked at."""
        found = self.proposals(scene)
        boxes = [t["boxes"][~t["crowd"]] if t["annotated"] else None for t in targets]
        crowds = [t["boxes"][t["crowd"]] for t in targets]
        rpn_class, rpn_box = self.proposals.losses(found, boxes, crowds, scene)
        scene.made = regions = self._regions(found.boxes, targets, scene)
        logits, corrections = self.head(self.pool(scene.pyramid, regions.boxes))
        labels = torch.cat(regions.labels)
        count = torch.tensor(float(len(labels)), device=labels.device)
        losses = {
            "rpn_class": rpn_class,
            "rpn_box": rpn_box,
            "class": Loss(class_loss(logits, labels), count),
            "box": Loss(self._box_loss(corrections, labels, targets, regions), count),
        }
        return {name: loss for name, loss in losses.items() if loss.count}

    def _regions(
        self, proposals: Sequence[Tensor], targets: Sequence[Target], scene: Scene
    ) -> Regions:
        """Match proposals (and the annotated boxes) to annotations and draw a balanced few."""
        head, regions = self.config.head, Regions([], [])
        for proposed, target, key in zip(proposals, targets, scene.keys, strict=True):
            boxes, labels, matches = match_regions(proposed, target, head.foreground_iou)
            rows = choose(
                labels, number=head.sampled, positive_share=head.positive_share, key=key + 1
            )
            regions.boxes.append(boxes[rows])
            regions.labels.append(labels[rows])
            regions.matches.append(matches[rows])
        return regions

    def _box_loss(
        self, corrections: Tensor, labels: Tensor, targets: Sequence[Target], regions: Regions
    ) -> Tensor:
        """Smooth L1 over objects; boxes of a class learn nothing from objects without a name."""
        groups = corrections.shape[1]
        positive = labels > 0 if groups == 1 else (labels > 0) & (labels <= groups)
        true = [
            target["boxes"][match] if len(target["boxes"]) else boxes
            for target, match, boxes in zip(targets, regions.matches, regions.boxes, strict=True)
        ]
        wanted = self.coder.encode_single(
            torch.cat(true)[positive], torch.cat(regions.boxes)[positive]
        )
        group = (labels[positive] - 1).clamp(max=groups - 1)
        given = corrections[positive].gather(1, group[:, None, None].expand(-1, 1, 4))[:, 0]
        beta = self.config.head.smooth_l1_beta
        return F.smooth_l1_loss(given, wanted, beta=beta, reduction="sum")

    def predict(self, scene: Scene) -> list[Prediction]:
        """Boxes, labels (from 0), scores and class probabilities; fills `scene.regions`."""
        found = self.proposals(scene)
        said = self.look_at_regions(scene.pyramid, found.boxes)
        refuse_not_finite(self.name, (found.objectness, found.corrections, *said.values()))
        counts = [len(boxes) for boxes in found.boxes]
        predictions = [
            self._best(boxes, self._shares(logits), corrections, size, scene.least)
            for boxes, logits, corrections, size in zip(
                found.boxes,
                said["logits"].split(counts),
                said["corrections"].split(counts),
                scene.sizes,
                strict=True,
            )
        ]
        scene.made = Regions([p["boxes"] for p in predictions], [p["labels"] for p in predictions])
        return predictions

    def _shares(self, logits: Tensor) -> Tensor:
        """(N, 1 + C) probabilities; those of classes that were not taught are 0."""
        rows = [1 + row for row in self.not_taught]
        logits = logits.index_fill(
            1, torch.tensor(rows, device=logits.device, dtype=torch.long), -math.inf
        )
        return logits.softmax(1)

    def named_rows(self) -> dict[str, NamedRows]:
        """Scores and, where they have their own, corrections of each class."""
        rows = rows_of_layer("head.classes", ("", *self.classes))  # the background has no name
        if self.config.head.per_class_boxes:
            sides = [f"{name}, side {side}" for name in self.classes for side in range(4)]
            rows |= rows_of_layer("head.boxes", sides)
        return rows

    def find(self, scene: Scene) -> Prediction:
        """Objectness (A,) and corrections (A, 4) of every anchor."""
        objectness, corrections = self.proposals.score(scene)
        return {"objectness": objectness[0], "corrections": corrections[0]}

    def look_at_regions(self, pyramid: Mapping[str, Tensor], boxes: Sequence[Tensor]) -> Prediction:
        """Class logits (sum of N, 1 + C) and corrections (sum of N, groups, 4) of proposals."""
        logits, corrections = self.head(self.pool(pyramid, boxes))
        return {"logits": logits, "corrections": corrections}

    @property
    def detector(self) -> Detector:
        """The same steps from `find` to instances, in numpy."""
        one, proposals = self.config, self.config.proposals
        return Detector(
            classes=len(self.classes),
            strides=tuple(self.proposals.grid.strides),
            anchors=self.proposals.grid.cell_anchors(),
            before_nms=proposals.before_nms[1],
            after_nms=proposals.after_nms[1],
            proposal_iou=proposals.nms_iou,
            box_weights=one.head.box_weights,
            score_threshold=one.score_threshold,
            nms_iou=one.nms_iou,
            rivals=one.rivals,
            most=one.most,
            not_taught=self.not_taught,
        )

    def _best(
        self,
        boxes: Tensor,
        probabilities: Tensor,
        corrections: Tensor,
        size: tuple[int, int],
        least: float,
    ) -> Prediction:
        config = self.config
        moved = self.coder.decode_single(corrections.flatten(1), boxes).unflatten(1, (-1, 4))
        return best_candidates(
            clip_boxes_to_image(moved, size).expand(-1, len(self.classes), -1),
            probabilities,
            threshold=config.score_threshold,
            least=least,
            nms_iou=config.nms_iou,
            rivals=config.rivals,
            most=config.most,
        )

    @property
    def decoder(self) -> BoxDecoder:
        """Boxes, classes and scores."""
        return BoxDecoder()
