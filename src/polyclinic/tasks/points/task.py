"""Named points of the one object of an image, as expected places in heat maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from pydantic import Field, PositiveFloat, PositiveInt
from torch import Tensor

from polyclinic.data import Facts
from polyclinic.decoding import PointDecoder
from polyclinic.errors import ConfigError, nearest
from polyclinic.metrics.case import Case
from polyclinic.metrics.figure import Figure
from polyclinic.metrics.only_object import only_object, only_object_figures
from polyclinic.models.dense_head import DenseHead
from polyclinic.models.hourglass import OutputBlock
from polyclinic.models.hourglass.network import Kernel
from polyclinic.models.soft_argmax import even_spread, expected_place, heat_maps
from polyclinic.sample import Sample
from polyclinic.sample.landmark_box import Margins
from polyclinic.tasks.points.codec import (
    covered_cells,
    labelled_points,
    narrowness,
    to_cells,
    to_pixels,
)
from polyclinic.tasks.points.penalty import PenaltyConfig, SpotConfig
from polyclinic.tasks.scale import PIXELS, SHARES, Scale
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

TIGHT: Margins = (0.0, 0.0, 0.0, 0.0)


class PointsConfig(TaskConfig):
    """Settings of whole-image landmarks."""

    levels: tuple[str, ...] = ("p2", "p3", "p4", "p5")
    head: Literal["sum", "output_block"] = Field(
        "sum", description="sum of the levels, or the output block of KNEEL on a single level"
    )
    width: PositiveInt = Field(64, description="of the head `sum`")
    kernel: Kernel = Field(1, description="of the head `output_block`")
    dropout: float = Field(0.25, ge=0, lt=1, description="of the head `output_block`")
    beta: PositiveFloat = Field(1.0, description="inverse temperature of the soft-argmax")
    loss: PenaltyConfig = PenaltyConfig()
    spot: SpotConfig | None = Field(
        None, description="also hold the heat maps against round spots, e.g. points.spot.weight=20"
    )
    required: tuple[str, ...] = Field((), description="landmarks that the data must have")

    def without_effect(self) -> Mapping[str, str]:
        """Settings of what was not chosen."""
        of = {"width": "sum", "kernel": "output_block", "dropout": "output_block"}
        return {key: f"the head is {self.head}" for key, head in of.items() if head != self.head}

    @property
    def writes(self) -> tuple[str, ...]:
        """The instances."""
        return (INSTANCES,)

    def left_out(self, facts: Facts) -> str | None:
        """Needs labelled landmarks, of no more objects than there are images."""
        if facts.landmark_schema is None or not facts.teaches("landmarks"):
            return "no image to train on has landmarks"
        objects = facts.counts["landmarks"]
        if objects > facts.images:
            return (
                f"{objects} objects have landmarks in {facts.images} images; points reads one an "
                "image, instances with landmarks read several"
            )
        return None

    def build(self, facts: Facts, features: FeatureShape) -> Points:
        """Make the task for the landmark schema of a data set.

        Raises:
            ConfigError: a level or a required landmark is missing, or the output block is to read
                several levels.
        """
        assert facts.landmark_schema is not None
        features.check_levels(self.levels, where="points.levels")
        names = facts.landmark_schema.names
        for name in self.required:
            if name not in names:
                raise ConfigError(f"no landmark is named {name!r}", hint=nearest(name, names))
        if self.head == "output_block" and len(self.levels) > 1:
            raise ConfigError(
                f"the output block reads {len(self.levels)} levels",
                expected="one",
                where="points.levels",
                hint="points.levels=[p2], or points.head=sum",
            )
        return Points(self, facts, features.pyramid_channels)


class Points(Task):
    """One heat map a landmark over the whole image.

    Args:
        config: settings.
        facts: names of the landmarks, their class and how boxes lie around them.
        channels: of every level of the pyramid.
    """

    name = "points"
    loss_names: tuple[str, ...] = ("points",)
    gives_landmarks = True
    exact = ("points",)
    scales: Mapping[str, Scale] = {"points": PIXELS, "confidence": SHARES}
    least_side = 0.0  # a single point may have a box of one pixel

    def __init__(self, config: PointsConfig, facts: Facts, channels: int) -> None:
        super().__init__()
        assert facts.landmark_schema is not None
        self.config, self.names = config, facts.landmark_schema.names
        self.number = len(self.names)
        self.not_taught = facts.rows_not_taught("landmarks")
        self.margins = facts.landmark_margins or TIGHT
        self.category = facts.landmark_classes[0] if len(facts.landmark_classes) == 1 else None
        self.head = (
            DenseHead(config.levels, channels, config.width, self.number)
            if config.head == "sum"
            else OutputBlock(
                config.levels[0],
                channels,
                self.number,
                kernel=config.kernel,
                dropout=config.dropout,
            )
        )
        self.penalty = config.loss.build()
        self.spot = config.spot
        if config.spot is not None:
            self.loss_names = ("points", "spots")

    def encode(self, sample: Sample) -> Target:
        """Points (K, 2), centres at integers, and whether each is labelled (K,)."""
        points, labelled = labelled_points(only_object(sample.instances or ()), self.number)
        return {"points": torch.from_numpy(points), "labelled": torch.from_numpy(labelled)}

    def losses(self, scene: Scene, targets: Sequence[Target]) -> dict[str, Loss]:
        """Mean over the coordinates of labelled landmarks, visible or hidden, and over spots."""
        maps = self._maps(scene)
        points = self._points(maps, scene)[0]
        wanted = torch.stack([target["points"] for target in targets])
        labelled = torch.stack([target["labelled"] for target in targets])
        if not labelled.any():
            return {}
        terms = [
            self.penalty((one - true)[known], size)
            for one, true, known, size in zip(points, wanted, labelled, scene.sizes, strict=True)
        ]
        count = points.new_tensor(float(labelled.sum()))
        found = {"points": Loss(torch.cat(terms).sum(), 2 * count)}
        if self.spot is not None:
            cells = (maps.shape[2], maps.shape[3])
            places = to_cells(wanted[labelled], scene.frame, cells)
            found["spots"] = Loss(self.spot.loss(maps[labelled], places), count)
        return found

    def predict(self, scene: Scene) -> list[Prediction]:
        """Points (K, 2) in network pixels, centres at integers, and confidences (K,)."""
        points, confidence = self._points(self._maps(scene), scene)
        return [
            {"points": one, "confidence": sure}
            for one, sure in zip(points, confidence, strict=True)
        ]

    def _maps(self, scene: Scene) -> Tensor:
        """(B, K, h, w) heat maps with a sum of 1 each; none of it lies in the padding."""
        finest = scene.pyramid[self.config.levels[0]]
        cells = (finest.shape[2], finest.shape[3])
        if isinstance(self.head, OutputBlock):
            logits = self.head(scene.pyramid)
        else:
            logits = self.head(scene.pyramid, cells)
        covered = covered_cells(scene.sizes, scene.frame, cells)
        return heat_maps(logits, beta=self.config.beta, cells=covered)

    def _points(self, maps: Tensor, scene: Scene) -> tuple[Tensor, Tensor]:
        """Points (B, K, 2) in network pixels and confidences (B, K)."""
        cells = (maps.shape[2], maps.shape[3])
        places, spread = expected_place(maps)
        even = even_spread(covered_cells(scene.sizes, scene.frame, cells))
        return to_pixels(places, scene.frame, cells), narrowness(spread, even)

    def named_rows(self) -> dict[str, NamedRows]:
        """The map of each landmark."""
        sums = isinstance(self.head, DenseHead)
        return rows_of_layer("head.outputs" if sums else "head.path.4", self.names)

    @property
    def decoder(self) -> PointDecoder:
        """The only object."""
        return PointDecoder(
            category=self.category, margins=self.margins, not_taught=self.not_taught
        )

    def figures(self, cases: Sequence[Case], accept: float) -> list[Figure]:
        """Errors that don't ask whether boxes overlap, as an image has one object."""
        return only_object_figures(cases)
