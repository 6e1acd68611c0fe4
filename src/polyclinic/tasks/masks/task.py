"""The pixels of each instance (He et al., Mask R-CNN, ICCV 2017, section 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from pydantic import Field, PositiveInt
from torch import Tensor

from polyclinic.data import Facts
from polyclinic.decoding import MaskDecoder
from polyclinic.models.region_heads import MaskHead
from polyclinic.models.region_pool import RegionPool
from polyclinic.sample import Mask, Sample
from polyclinic.tasks.scale import SHARES, Scale
from polyclinic.tasks.scene import Loss, Scene
from polyclinic.tasks.task import (
    FeatureShape,
    NamedRows,
    Prediction,
    Target,
    Task,
    TaskConfig,
    rows_of_layer,
)

PATCH = 64
POINTS = 4
"""Points a cell and direction at which a mask's cover is looked at."""


def encode_mask(mask: Mask) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A mask as a (64, 64) picture of its own patch, 255 where all inside, and the patch's edges.

    Returns:
        The picture and (4,) x1, y1, x2, y2 in corner-origin pixels of the mask's frame.
    """
    height, width = mask.patch.shape
    rows_done = _resized(
        mask.patch.astype(np.float32) * 255, (width, PATCH), shrinks=height > PATCH
    )
    picture = _resized(rows_done, (PATCH, PATCH), shrinks=width > PATCH)
    edges = (mask.left, mask.top, mask.left + width, mask.top + height)
    return picture.round().astype(np.uint8), np.array(edges, np.float32)


def mask_targets(pictures: Tensor, edges: Tensor, boxes: Tensor, cells: int) -> Tensor:
    """What a mask head should say: how much of each cell of other boxes the masks cover.

    Mask R-CNN and NFCMTL cut these shares at one half. Kept whole they say where inside a cell
    the edge lies: of a vessel 3 pixels wide in a box of 200, pasting back gives an overlap of
    0.93 instead of 0.80.

    Args:
        pictures: (N, 64, 64) uint8 from `encode_mask`.
        edges: (N, 4) where they lie.
        boxes: (N, 4) regions, same pixels.
        cells: height and width of the head's grid.

    Returns:
        (N, cells, cells), 0 to 1.
    """
    number = cells * POINTS
    steps = (torch.arange(number, device=boxes.device) + 0.5) / number
    points = boxes[:, None, :2] + steps[None, :, None] * (boxes[:, None, 2:] - boxes[:, None, :2])
    span = (edges[:, None, 2:] - edges[:, None, :2]).clamp(min=1e-6)
    share = (points - edges[:, None, :2]) / span * 2 - 1
    x = share[:, None, :, 0].expand(-1, number, -1)
    y = share[:, :, None, 1].expand(-1, -1, number)
    grid = torch.stack([x, y], dim=-1)
    sampled = F.grid_sample(pictures[:, None].float() / 255, grid, align_corners=False)
    return F.avg_pool2d(sampled, POINTS)[:, 0]


def _resized(
    picture: NDArray[np.float32], size: tuple[int, int], *, shrinks: bool
) -> NDArray[np.float32]:
    """Resize along one axis; shrinking averages, so that a thin vessel is not skipped."""
    rule = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=rule), np.float32)


class MasksConfig(TaskConfig):
    """Mask head settings; the defaults are those of NFCMTL."""

    levels: tuple[str, ...] = ("p2", "p3", "p4", "p5")
    cells: PositiveInt = 14
    widths: tuple[PositiveInt, ...] = Field((256, 256, 256, 256), min_length=1)
    per_class: bool = True

    def left_out(self, facts: Facts) -> str | None:
        """Needs classes, since masks lie in regions, and at least one annotated mask."""
        if not facts.classes:
            return "the data set names no classes"
        return None if facts.teaches("masks") else "no image to train on has a mask"

    def build(self, facts: Facts, features: FeatureShape) -> Masks:
        """Make the task for the classes of a data set."""
        features.check_levels(self.levels, where="masks.levels")
        # A map that all classes share has learnt what masks look like from the others.
        rows = facts.rows_not_taught("masks" if self.per_class else "classes")
        return Masks(self, facts.classes, features.pyramid_channels, rows)


class Masks(Task):
    """A grid of probabilities in each region.

    Args:
        config: settings.
        classes: names.
        channels: of the pyramid.
        not_taught: rows of the classes whose map has seen no mask; they get none.
    """

    name = "masks"
    loss_names = ("mask",)
    scales: Mapping[str, Scale] = {"probabilities": SHARES}

    def __init__(
        self,
        config: MasksConfig,
        classes: tuple[str, ...],
        channels: int,
        not_taught: tuple[int, ...] = (),
    ) -> None:
        super().__init__()
        self.config, self.classes, self.not_taught = config, classes, not_taught
        self.region_levels = config.levels
        self.pool = RegionPool(config.levels, config.cells)
        self.head = MaskHead(channels, config.widths, len(classes) if config.per_class else 1)

    def encode(self, sample: Sample) -> Target:
        """Pictures (N, 64, 64), edges (N, 4) and whether each instance has a mask (N,)."""
        instances = sample.instances or ()
        pictures = np.zeros((len(instances), PATCH, PATCH), np.uint8)
        edges = np.zeros((len(instances), 4), np.float32)
        has = np.array(
            [one.mask is not None and one.mask.patch.size > 0 for one in instances], bool
        )
        for row, one in enumerate(instances):
            if has[row] and one.mask is not None:
                pictures[row], edges[row] = encode_mask(one.mask)
        return {
            "pictures": torch.from_numpy(pictures),
            "edges": torch.from_numpy(edges),
            "has": torch.from_numpy(has),
        }

    def losses(self, scene: Scene, targets: Sequence[Target]) -> dict[str, Loss]:
        """Binary cross-entropy over the grids of regions whose instance has a mask.

        An instance without a class name has no map of its own where maps are per class.
        """
        regions = scene.regions
        most = len(self.classes) if self.config.per_class else len(self.classes) + 1
        rows = [
            torch.nonzero((label > 0) & (label <= most) & _taken(target["has"], match))[:, 0]
            for label, match, target in zip(regions.labels, regions.matches, targets, strict=True)
        ]
        boxes = [box[row] for box, row in zip(regions.boxes, rows, strict=True)]
        labels = torch.cat([label[row] for label, row in zip(regions.labels, rows, strict=True)])
        if not len(labels):
            return {}
        matches = [match[row] for match, row in zip(regions.matches, rows, strict=True)]
        maps = self.head(self.pool(scene.pyramid, boxes))
        chosen = labels - 1 if self.config.per_class else torch.zeros_like(labels)
        logits = maps[torch.arange(len(maps), device=maps.device), chosen]
        pictures = torch.cat([t["pictures"][m] for t, m in zip(targets, matches, strict=True)])
        edges = torch.cat([t["edges"][m] for t, m in zip(targets, matches, strict=True)])
        wanted = mask_targets(pictures, edges, torch.cat(boxes), logits.shape[-1])
        loss = F.binary_cross_entropy_with_logits(logits, wanted, reduction="sum")
        count = torch.tensor(float(wanted.numel()), device=loss.device)
        return {"mask": Loss(loss, count)}

    def predict(self, scene: Scene) -> list[Prediction]:
        """Probabilities (N, maps, cells, cells) of each found instance, its label and its box."""
        regions = scene.regions
        found = self.look_at_regions(scene.pyramid, regions.boxes)
        grids = found["probabilities"].split(regions.counts)
        return [
            {"probabilities": one, "labels": labels, "boxes": boxes}
            for one, labels, boxes in zip(grids, regions.labels, regions.boxes, strict=True)
        ]

    def look_at_regions(self, pyramid: Mapping[str, Tensor], boxes: Sequence[Tensor]) -> Prediction:
        """Probabilities (sum of N, maps, cells, cells): a map a class, or one for all."""
        return {"probabilities": self.head(self.pool(pyramid, boxes)).sigmoid()}

    def named_rows(self) -> dict[str, NamedRows]:
        """The map of each class, where they have their own."""
        return rows_of_layer("head.outputs", self.classes) if self.config.per_class else {}

    @property
    def decoder(self) -> MaskDecoder:
        """Masks."""
        return MaskDecoder(not_taught=self.not_taught)


def _taken(flags: Tensor, rows: Tensor) -> Tensor:
    """Flags of some rows; all False when there are none to take from."""
    return flags[rows] if len(flags) else torch.zeros_like(rows, dtype=torch.bool)
