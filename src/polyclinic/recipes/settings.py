"""The settings that every recipe has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from polyclinic.config import Config
from polyclinic.data.augment import AugmentConfig, FrameConfig
from polyclinic.data.degrade import DegradeConfig
from polyclinic.data.patients import Grouping
from polyclinic.models.batch_norm import Norm
from polyclinic.models.build import HOURGLASS, MVIT_TINY
from polyclinic.models.hourglass import HourglassConfig
from polyclinic.tasks import TaskConfig
from polyclinic.tasks.classes import ClassesConfig
from polyclinic.tasks.edge import HierarchyConfig
from polyclinic.tasks.grades import GradesConfig
from polyclinic.tasks.multilabel import MultilabelConfig
from polyclinic.tasks.quality import QualityConfig
from polyclinic.tasks.restore import RestoreConfig
from polyclinic.training.balance import BalanceConfig
from polyclinic.training.config import TrainConfig

REFERENCE = "--set data.reference="
"""How it is stated which of several raters' annotations count."""

Shares = tuple[float, float, float, float]


class ImageConfig(Config):
    """How a network looks at images, and how they are changed in training."""

    frame: FrameConfig = FrameConfig()
    augment: AugmentConfig = AugmentConfig()
    degrade: DegradeConfig = DegradeConfig()


class DataConfig(ImageConfig):
    """Which images are trained on, and how they are looked at."""

    split: tuple[float, float, float] | Shares | Literal["auto", "file"] | Path = Field(
        "auto",
        description="`file`: as the `split` key of each image says; `auto`: the same where there "
        "are such keys, else shares of 0.7, 0.15, 0.15; shares of train, validation, test and "
        "(optional) calibration patients; or a split.json",
    )
    patient: Grouping = Field(
        "auto",
        description="`exact` states that ids which are nearly the same, such as P01 and p-1, are "
        "of different patients; `image` that each image is another patient",
    )
    reference: str | None = Field(
        None,
        pattern=r"^(one:.*\S.*|majority|each|shared)$",
        description="what counts where several raters annotated one image: `one:RATER`, "
        "`majority`, `each`, or `shared` where each drew other objects",
    )


class ModelConfig(Config):
    """The encoder and the pyramid that all tasks share."""

    encoder: str = Field(
        "mvitv2_tiny", description="mvitv2_tiny, hourglass, or any timm encoder by name"
    )
    weights: Path | None = Field(None, description="a local file of encoder weights")
    norm: Norm = "batch"
    finest: Literal["p1", "p2"] = Field("p2", description="p1 has a cell every 2 pixels, p2 4")
    pyramid_channels: int = Field(256, ge=8)
    recompute: bool = Field(False, description="trade time for memory in training")
    hourglass: HourglassConfig = Field(HourglassConfig(), description="of the encoder `hourglass`")

    def without_effect(self) -> Mapping[str, str]:
        """Settings of encoders that were not chosen."""
        found = {}
        if self.encoder != HOURGLASS:
            found["hourglass"] = f"the encoder is {self.encoder}"
        else:
            found["pyramid_channels"] = "an hourglass has one map, and no pyramid over it"
        if self.encoder == MVIT_TINY:
            found["norm"] = f"{self.encoder} has no batch normalisation"
        return found


class BesideConfig(Config):
    """Whole-image tasks beside those of the recipe, where the data can teach them."""

    classes: tuple[ClassesConfig, ...] = Field((), description="nominal labels")
    grades: tuple[GradesConfig, ...] = Field((), description="ordinal labels")
    multilabel: MultilabelConfig | None = Field(None, description="several yes-or-no labels")
    quality: QualityConfig | None = None
    restore: RestoreConfig | None = None

    def tasks(self) -> tuple[TaskConfig, ...]:
        """Those that were asked for."""
        single = (self.quality, self.restore, self.multilabel)
        return (*(one for one in single if one is not None), *self.classes, *self.grades)


class RecipeConfig(Config):
    """Settings of a run; each recipe adds those of its tasks."""

    recipe: str
    preset: str = "small"
    seed: int = Field(0, ge=0)
    init: Path | None = Field(
        None, description="a run whose weights to start from, where names and shapes agree"
    )
    data: DataConfig = DataConfig()
    model: ModelConfig = ModelConfig()
    beside: BesideConfig = BesideConfig()
    hierarchy: HierarchyConfig = HierarchyConfig()
    balance: BalanceConfig = BalanceConfig()
    train: TrainConfig = TrainConfig()

    def without_effect(self) -> Mapping[str, str]:
        """What opens a gate that no edge leads to."""
        edges = {(one.source, one.target, one.what) for one in self.hierarchy.edges}
        own = getattr(self, "restore", None)
        restorers = {"restore": own, "beside.restore": self.beside.restore}
        return {
            f"{key}.gate.by": f"no edge brings the prediction of {one.gate.by!r} to restore"
            for key, one in restorers.items()
            if isinstance(one, RestoreConfig)
            and one.gate is not None
            and (one.gate.by, "restore", "prediction") not in edges
        }
