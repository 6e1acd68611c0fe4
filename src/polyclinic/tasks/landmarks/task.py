"""Named points of each instance, as heat maps over its region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import torch
from pydantic import Field, PositiveInt
from torch import Tensor

from polyclinic.data import Facts
from polyclinic.decoding import LandmarkDecoder
from polyclinic.models.region_heads import LandmarkHead
from polyclinic.models.region_pool import RegionPool
from polyclinic.sample import Sample
from polyclinic.schema import LandmarkSchema
from polyclinic.tasks.scale import PLACES, SHARES, Scale
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

Codec = Literal["cell", "subcell"]


def grow_boxes(boxes: Tensor, margin: float) -> Tensor:
    """Widen (N, 4) boxes by a share of their size on each side."""
    size = boxes[:, 2:] - boxes[:, :2]
    return torch.cat([boxes[:, :2] - margin * size, boxes[:, 2:] + margin * size], dim=1)


def to_grid(points: Tensor, boxes: Tensor, cells: int) -> Tensor:
    """(N, K, 2) points as positions on each box's grid: 0 ... cells, cell centres at .5."""
    size = (boxes[:, None, 2:] - boxes[:, None, :2]).clamp(min=1e-6)
    return (points - boxes[:, None, :2]) / size * cells


def from_grid(positions: Tensor, boxes: Tensor, cells: int) -> Tensor:
    """The way back of `to_grid`."""
    return boxes[:, None, :2] + positions / cells * (boxes[:, None, 2:] - boxes[:, None, :2])


def encode_positions(positions: Tensor, cells: int, codec: Codec) -> Tensor:
    """Target distributions over the cells, (M, 2) positions to (M, cells * cells).

    `cell` puts everything into the cell that holds the landmark (NFCMTL, detectron2); `subcell`
    shares it among the four nearest cell centres by bilinear weights, so that the expected
    position is the landmark itself.
    """
    rows = torch.arange(len(positions), device=positions.device)
    target = torch.zeros(len(positions), cells, cells, device=positions.device)
    if codec == "cell":
        x, y = positions.floor().long().clamp(0, cells - 1).unbind(1)
        target[rows, y, x] = 1
        return target.flatten(1)
    inner = (positions - 0.5).clamp(0, cells - 1)
    low = inner.floor().long().clamp(0, cells - 2)
    share = inner - low
    for dy in (0, 1):
        for dx in (0, 1):
            weight_x = share[:, 0] if dx else 1 - share[:, 0]
            weight_y = share[:, 1] if dy else 1 - share[:, 1]
            target[rows, low[:, 1] + dy, low[:, 0] + dx] = weight_x * weight_y
    return target.flatten(1)


def decode_positions(logits: Tensor, codec: Codec) -> tuple[Tensor, Tensor]:
    """Positions (N, K, 2) and confidences (N, K) from (N, K, cells, cells) logits.

    `cell` is the centre of the best cell; `subcell` the expected position in the 5 x 5 cells
    around it. Confidence is the probability in those 5 x 5 cells.
    """
    cells = logits.shape[-1]
    probability = logits.flatten(2).softmax(2).view_as(logits)
    best = probability.flatten(2).argmax(2)
    centre = torch.stack([best % cells, best // cells], dim=-1)
    steps = torch.arange(cells, device=logits.device)
    near_x = (steps - centre[..., 0, None]).abs() <= 2
    near_y = (steps - centre[..., 1, None]).abs() <= 2
    near = probability * (near_y[..., :, None] & near_x[..., None, :])
    confidence = near.sum((2, 3))
    if codec == "cell":
        return centre + 0.5, confidence
    x = (near.sum(2) * (steps + 0.5)).sum(2) / confidence
    y = (near.sum(3) * (steps + 0.5)).sum(2) / confidence
    return torch.stack([x, y], dim=-1), confidence


class LandmarksConfig(TaskConfig):
    """Landmark head settings; the defaults are those of NFCMTL."""

    levels: tuple[str, ...] = ("p2", "p3", "p4", "p5")
    cells: PositiveInt = 14
    widths: tuple[PositiveInt, ...] = Field((512,) * 8, min_length=1)
    codec: Codec = "cell"
    margin: float = Field(0.0, ge=0, description="widen each region by this share a side")

    def left_out(self, facts: Facts) -> str | None:
        """Needs classes, since landmarks lie in regions, a schema, and a labelled landmark."""
        if not facts.classes:
            return "the data set names no classes"
        if facts.landmark_schema is None or not facts.teaches("landmarks"):
            return "no image to train on has landmarks"
        return None

    def build(self, facts: Facts, features: FeatureShape) -> Landmarks:
        """Make the task for the landmark schema of a data set."""
        assert facts.landmark_schema is not None
        features.check_levels(self.levels, where="landmarks.levels")
        return Landmarks(
            self,
            facts.landmark_schema,
            facts.landmark_classes,
            features,
            facts.rows_not_taught("landmarks"),
        )


class Landmarks(Task):
    """One heat map a landmark in each region.

    Args:
        config: settings.
        schema: names of the landmarks.
        classes: indices of the classes that carry landmarks; others get none.
        features: of the pyramid.
        not_taught: rows of the landmarks that were labelled nowhere; they are not read.
    """

    name = "landmarks"
    loss_names = ("landmarks",)
    gives_landmarks = True
    exact = ("places",)
    scales: Mapping[str, Scale] = {"places": PLACES, "confidence": SHARES}

    def __init__(
        self,
        config: LandmarksConfig,
        schema: LandmarkSchema,
        classes: tuple[int, ...],
        features: FeatureShape,
        not_taught: tuple[int, ...] = (),
    ) -> None:
        super().__init__()
        self.config, self.schema, self.classes = config, schema, classes
        self.not_taught = not_taught
        self.region_levels, self.region_classes = config.levels, classes
        self.pool = RegionPool(config.levels, config.cells)
        self.head = LandmarkHead(features.pyramid_channels, config.widths, len(schema))

    def encode(self, sample: Sample) -> Target:
        """Corner-origin points (N, K, 2) and whether each is labelled (N, K)."""
        instances, number = sample.instances or (), len(self.schema)
        points = np.zeros((len(instances), number, 3), np.float32)
        for row, one in enumerate(instances):
            if one.landmarks is not None:
                points[row] = one.landmarks
        return {
            "points": torch.from_numpy(points[..., :2] + 0.5),
            "labelled": torch.from_numpy(points[..., 2] > 0),
        }

    def losses(self, scene: Scene, targets: Sequence[Target]) -> dict[str, Loss]:
        """Cross-entropy over the cells of each labelled landmark inside its region."""
        regions = scene.regions
        boxes, points, labelled = [], [], []
        for box, label, match, target in zip(
            regions.boxes, regions.labels, regions.matches, targets, strict=True
        ):
            row = torch.nonzero(label > 0)[:, 0]
            row = row[target["labelled"][match[row]].any(1)]
            boxes.append(grow_boxes(box[row], self.config.margin))
            points.append(target["points"][match[row]])
            labelled.append(target["labelled"][match[row]])
        if not sum(len(box) for box in boxes):
            return {}
        logits = self.head(self.pool(scene.pyramid, boxes))
        cells = logits.shape[-1]
        positions = to_grid(torch.cat(points), torch.cat(boxes), cells)
        inside = ((positions >= 0) & (positions < cells)).all(2) & torch.cat(labelled)
        if not inside.any():
            return {}
        wanted = encode_positions(positions[inside], cells, self.config.codec)
        loss = -(wanted * logits.flatten(2)[inside].log_softmax(1)).sum()
        return {"landmarks": Loss(loss, inside.sum().float())}

    def predict(self, scene: Scene) -> list[Prediction]:
        """Places (M, K, 2), confidences (M, K), boxes (M, 4) and rows (M,) of found instances.

        Of those of the classes that carry landmarks: rows are among all that were found.
        """
        rows = scene.regions.rows_of(self.classes)
        boxes = [box[row] for box, row in zip(scene.regions.boxes, rows, strict=True)]
        found = self.look_at_regions(scene.pyramid, boxes)
        counts = [len(row) for row in rows]
        parts = {name: values.split(counts) for name, values in found.items()}
        return [
            {name: values[i] for name, values in parts.items()} | {"boxes": box, "rows": row}
            for i, (box, row) in enumerate(zip(boxes, rows, strict=True))
        ]

    def look_at_regions(self, pyramid: Mapping[str, Tensor], boxes: Sequence[Tensor]) -> Prediction:
        """Places (sum of N, K, 2) in the widened boxes, 0 to 1, and confidences (sum of N, K)."""
        grown = [grow_boxes(box, self.config.margin) for box in boxes]
        logits = self.head(self.pool(pyramid, grown))
        positions, confidence = decode_positions(logits, self.config.codec)
        return {"places": positions / logits.shape[-1], "confidence": confidence}

    def named_rows(self) -> dict[str, NamedRows]:
        """The map of each landmark."""
        return rows_of_layer("head.outputs", self.schema.names, axis=1)

    @property
    def decoder(self) -> LandmarkDecoder:
        """Landmarks of the regions that were looked at."""
        return LandmarkDecoder(margin=self.config.margin, not_taught=self.not_taught)
