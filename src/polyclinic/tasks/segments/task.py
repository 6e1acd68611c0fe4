"""Semantic segmentation: one region a class over the whole image; regions may overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from pydantic import PositiveInt
from torch import Tensor

from polyclinic.data import Facts
from polyclinic.decoding import SegmentDecoder
from polyclinic.decoding.segments import Parts
from polyclinic.geometry import Size
from polyclinic.losses import soft_dice_loss
from polyclinic.models.dense_head import DenseHead
from polyclinic.sample import Instance, Sample
from polyclinic.tasks.scale import SHARES, Scale
from polyclinic.tasks.scene import Loss, Scene
from polyclinic.tasks.task import (
    INSTANCES,
    FeatureShape,
    NamedRows,
    Prediction,
    Target,
    Task,
    TaskConfig,
    rows_of_layer,
)


def class_maps(
    instances: Sequence[Instance] | None, size: Size, classes: int
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The union of the masks of each class, and for which classes it is known.

    A class is known where somebody looked and every object of it has a mask. An object without a
    class name may be of any class, so none is known beside it.

    Args:
        instances: None when nobody looked.
        size: (height, width).
        classes: their number C.

    Returns:
        (C, height, width) of 0 and 1, and (C,).
    """
    maps = np.zeros((classes, *size), np.uint8)
    known = np.full(classes, instances is not None)
    for one in instances or ():
        if one.category is None:
            known[:] = False
        elif one.mask is None:
            known[one.category] = False
        else:
            height, width = one.mask.patch.shape
            rows = slice(one.mask.top, one.mask.top + height)
            columns = slice(one.mask.left, one.mask.left + width)
            maps[one.category, rows, columns] |= one.mask.patch
    return maps, known


class SegmentsConfig(TaskConfig):
    """Settings of dense segmentation."""

    levels: tuple[str, ...] = ("p2", "p3", "p4", "p5")
    width: PositiveInt = 64
    parts: Parts = "all"
    fill_holes: bool = False

    @property
    def writes(self) -> tuple[str, ...]:
        """The instances."""
        return (INSTANCES,)

    def left_out(self, facts: Facts) -> str | None:
        """Needs class names and at least one annotated mask."""
        if not facts.classes:
            return "the data set names no classes"
        return None if facts.teaches("masks") else "no image to train on has a mask"

    def build(self, facts: Facts, features: FeatureShape) -> Segments:
        """Make the task for the classes of a data set."""
        features.check_levels(self.levels, where="segments.levels")
        return Segments(
            self,
            facts.classes,
            features.pyramid_channels,
            facts.rows_not_taught("masks"),
        )


class Segments(Task):
    """A probability a class and pixel.

    Args:
        config: settings.
        classes: names.
        channels: of the pyramid.
        not_taught: rows of the classes of which no mask was trained on; they are not read.
    """

    name = "segments"
    loss_names = ("segments_bce", "segments_dice")
    scales: Mapping[str, Scale] = {"probabilities": SHARES}
    least_side = 0.0  # what is too thin to be painted makes its class unknown, see `class_maps`

    def __init__(
        self,
        config: SegmentsConfig,
        classes: tuple[str, ...],
        channels: int,
        not_taught: tuple[int, ...] = (),
    ) -> None:
        super().__init__()
        self.config, self.names, self.not_taught = config, classes, not_taught
        self.classes = len(classes)
        self.head = DenseHead(config.levels, channels, config.width, self.classes)

    def encode(self, sample: Sample) -> Target:
        """Maps (C, h, w) uint8 and for which classes they are known (C,)."""
        instances = sample.instances if sample.objects_complete else None
        maps, known = class_maps(instances, sample.size, self.classes)
        return {"maps": torch.from_numpy(maps), "known": torch.from_numpy(known)}

    def losses(self, scene: Scene, targets: Sequence[Target]) -> dict[str, Loss]:
        """Mean cross-entropy and soft Dice of each known class of each image.

        The padding of the frame belongs to no image and costs nothing.
        """
        pairs = [
            (logits[target["known"]], target["maps"][target["known"]].float())
            for logits, target in zip(self._logits(scene), targets, strict=True)
        ]
        count = torch.tensor(float(sum(len(maps) for _, maps in pairs)), device=scene.device)
        if not count:
            return {}
        entropy = [
            F.binary_cross_entropy_with_logits(logits, maps, reduction="none").mean((1, 2)).sum()
            for logits, maps in pairs
        ]
        dice = [soft_dice_loss(logits.sigmoid(), maps).sum() for logits, maps in pairs]
        return {
            "segments_bce": Loss(torch.stack(entropy).sum(), count),
            "segments_dice": Loss(torch.stack(dice).sum(), count),
        }

    def predict(self, scene: Scene) -> list[Prediction]:
        """Probabilities (C, h, w) of each image in network pixels."""
        return [{"probabilities": logits.sigmoid()} for logits in self._logits(scene)]

    def _logits(self, scene: Scene) -> list[Tensor]:
        """(C, h, w) of each image, without the padding."""
        maps = self.head(scene.pyramid, scene.frame)
        return [
            one[:, :height, :width] for one, (height, width) in zip(maps, scene.sizes, strict=True)
        ]

    def named_rows(self) -> dict[str, NamedRows]:
        """The map of each class."""
        return rows_of_layer("head.outputs", self.names)

    @property
    def decoder(self) -> SegmentDecoder:
        """One region a class."""
        return SegmentDecoder(
            parts=self.config.parts,
            fill_holes=self.config.fill_holes,
            not_taught=self.not_taught,
        )
