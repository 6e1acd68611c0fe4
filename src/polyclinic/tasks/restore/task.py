"""The image as it would be in focus: for viewing, and for the tasks that come after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from pydantic import Field, PositiveFloat, PositiveInt
from torch import Tensor

from polyclinic.config import Config
from polyclinic.data import Facts
from polyclinic.decoding import RestoredDecoder
from polyclinic.losses.images import charbonnier, inside_images, structural_loss
from polyclinic.models.residual_head import ResidualHead
from polyclinic.sample import Sample
from polyclinic.tasks.batch import image_tensor
from polyclinic.tasks.edge import TaskOutput, What, Width
from polyclinic.tasks.scale import SHARES, Scale
from polyclinic.tasks.scene import Loss, Scene
from polyclinic.tasks.task import FeatureShape, Prediction, Target, Task, TaskConfig


class GateConfig(Config):
    """How far an image is changed, by how poor it is: sigmoid(steepness (badness - threshold))."""

    by: str = Field("quality", description="the task whose prediction opens the gate")
    steepness: PositiveFloat = 8.0
    threshold: float = Field(0.15, ge=0, le=1)


class RestoreConfig(TaskConfig):
    """Settings of restoration."""

    levels: tuple[str, ...] = ("p2", "p3", "p4", "p5")
    width: PositiveInt = 32
    structure: float = Field(0.2, ge=0, description="weight of 1 - SSIM")
    rounding: PositiveFloat = Field(1e-3, description="where the absolute error is rounded off")
    weight: float = Field(3.0, ge=0, description="of the loss as a whole")
    gate: GateConfig | None = Field(
        GateConfig(), description="works where an edge brings the prediction of a task"
    )

    @property
    def writes(self) -> tuple[str, ...]:
        """The restored image."""
        return ("the restored image",)

    def left_out(self, facts: Facts) -> str | None:
        """Needs sharp partners, stored or made."""
        if facts.annotates("sharp"):
            return None
        return "no image has a sharp partner, and training views are not degraded"

    def build(self, facts: Facts, features: FeatureShape) -> Restore:
        """Make the task.

        Raises:
            ConfigError: there are no such levels.
        """
        features.check_levels(self.levels, where="restore.levels")
        return Restore(self, features.pyramid_channels, features.fed)


class Restore(Task):
    """An image to its sharp partner: what is added, times a gate that leaves good images alone.

    Args:
        config: settings.
        channels: of the pyramid.
        fed: values that edges bring.
    """

    name = "restore"
    loss_names = ("restore",)
    receives = True
    scales: Mapping[str, Scale] = {"change": SHARES}

    def __init__(self, config: RestoreConfig, channels: int, fed: int) -> None:
        super().__init__()
        self.config = config
        self.offers: Mapping[What, Width] = {"features": config.width, "prediction": "image"}
        self.head = ResidualHead(config.levels, channels, config.width, fed)

    def encode(self, sample: Sample) -> Target:
        """The sharp partner (3, h, w) uint8; empty where there is none."""
        if sample.sharp is None:
            return {"sharp": torch.zeros(0, dtype=torch.uint8)}
        return {"sharp": image_tensor(np.asarray(sample.sharp, np.uint8))}

    def look(self, scene: Scene) -> TaskOutput:
        """Features (B, width) and restored images (B, 3, H, W)."""
        change, features = self.head(scene.pyramid, scene.images, scene.fed_vector(self.name))
        change = self._gate(scene) * change
        return TaskOutput(scene.mean_of(features), scene.images + change, {"change": change})

    def _gate(self, scene: Scene) -> Tensor:
        """(B, 1, 1, 1) share of the change that is made."""
        gate = self.config.gate
        for one in scene.fed.get(self.name, ()):
            if gate is not None and one.source == gate.by and one.what == "prediction":
                opened = torch.sigmoid(gate.steepness * (one.vector[:, :1] - gate.threshold))
                return opened[:, :, None, None]
        return torch.ones(len(scene.sizes), 1, 1, 1, device=scene.device)

    def losses(self, scene: Scene, targets: Sequence[Target]) -> dict[str, Loss]:
        """Charbonnier and (1 - SSIM) of each image that has a partner, without the padding."""
        known = [bool(target["sharp"].numel()) for target in targets]
        if not any(known):
            return {}
        sharp = [target["sharp"] for target, there in zip(targets, known, strict=True) if there]
        frame, device = scene.frame, scene.device
        # Reached into the frame by zeros, which do not count.
        wanted = torch.stack([F.pad(one, _padding(one, frame)) for one in sharp]).to(device) / 255
        rows = torch.tensor(known, device=device)
        inside = inside_images(scene.sizes, frame, device=device)[rows]
        found = scene.outlook(self).prediction[rows].float()
        apart = charbonnier(found, wanted, inside=inside, eps=self.config.rounding)
        unlike = structural_loss(found, wanted, inside=inside)
        total = self.config.weight * (apart + self.config.structure * unlike).sum()
        return {"restore": Loss(total, rows.sum().float())}

    def predict(self, scene: Scene) -> list[Prediction]:
        """What is added to each image, (3, h, w) on a scale of 0 to 1, network pixels."""
        change = scene.outlook(self).own["change"]
        return [
            {"change": one[:, :height, :width]}
            for one, (height, width) in zip(change, scene.sizes, strict=True)
        ]

    @property
    def decoder(self) -> RestoredDecoder:
        """Restored pixels."""
        return RestoredDecoder()


def _padding(image: Tensor, frame: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, right, above and below, up to the frame."""
    return 0, frame[1] - image.shape[2], 0, frame[0] - image.shape[1]
