"""One whole-image label: a probability for each of its values."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from pydantic import Field, PositiveInt
from torch import Tensor, nn

from polyclinic.data import Facts
from polyclinic.errors import nearest
from polyclinic.sample import Sample
from polyclinic.tasks.classes.codec import named_counts, root_weights, value_row
from polyclinic.tasks.draft import Draft
from polyclinic.tasks.scene import Loss, Scene
from polyclinic.tasks.task import FeatureShape, Prediction, Target, Task, TaskConfig


class ClassesConfig(TaskConfig):
    """Settings of a nominal whole-image label."""

    label: str = Field(min_length=1, description="which label of an image, such as `knee`")
    level: str | None = Field(
        None, description="level of the pyramid to look at; none: the encoder's coarsest map"
    )
    hidden: PositiveInt | None = Field(None, description="width of a hidden layer; none: linear")
    dropout: float = Field(0.0, ge=0, lt=1, description="before the last layer")
    smoothing: float = Field(0.0, ge=0, lt=1, description="share of even probabilities in a target")
    balanced: bool = Field(
        False, description="weigh a value by the inverse root of its share of the training images"
    )

    def left_out(self, facts: Facts) -> str | None:
        """Needs two values of the label in the training images."""
        seen = [name for name, count in named_counts(facts, self.label).items() if count]
        if not seen:
            known = f"; {nearest(self.label, facts.label_values)}" if facts.label_values else ""
            return f"no image to train on has the label {self.label!r}{known}"
        if len(seen) == 1:
            return f"every label {self.label!r} of the images to train on is {seen[0]!r}"
        return None

    def build(self, facts: Facts, features: FeatureShape) -> Classes:
        """Make the task for the values of a data set.

        Raises:
            ConfigError: there is no such level.
        """
        if self.level is None:
            channels = features.map_channels[-1]
        else:
            features.check_levels([self.level], where=f"level of the label {self.label}")
            channels = features.pyramid_channels
        return Classes(self, named_counts(facts, self.label), channels)


class Classes(Task):
    """Which of several values an image has.

    Args:
        config: settings.
        counts: training images of each of C values, by name, in the order of the answer.
        channels: of the map that is looked at.
    """

    weights: Tensor | None

    def __init__(self, config: ClassesConfig, counts: dict[str, int], channels: int) -> None:
        super().__init__()
        # Names of modules and of parameters can't hold a dot.
        self.name = f"classes_{config.label.replace('.', '_')}"
        self.loss_names = (self.name,)
        self.config, self.values = config, tuple(counts)
        weights = root_weights(list(counts.values())) if config.balanced else None
        self.register_buffer("weights", weights, persistent=False)
        self.head = _head(channels, config.hidden, config.dropout, len(counts))

    def encode(self, sample: Sample) -> Target:
        """Row () of the annotated value, -1 where there is none.

        Raises:
            DataError: the value is not among those of the data set.
        """
        return {"row": torch.tensor(value_row(sample, self.config.label, self.values))}

    def losses(self, scene: Scene, targets: Sequence[Target]) -> dict[str, Loss]:
        """Cross-entropy of the labelled images; their number is the count, weights or not."""
        rows = torch.stack([target["row"] for target in targets])
        labelled = rows >= 0
        if not labelled.any():
            return {}
        total = F.cross_entropy(
            self._logits(scene)[labelled],
            rows[labelled],
            weight=self.weights,
            label_smoothing=self.config.smoothing,
            reduction="sum",
        )
        return {self.name: Loss(total, labelled.sum().float())}

    def predict(self, scene: Scene) -> list[Prediction]:
        """Logits (C,) of each image."""
        return [{"logits": one} for one in self._logits(scene)]

    def _logits(self, scene: Scene) -> Tensor:
        """(B, C) in float32."""
        level = self.config.level
        vector = scene.vector if level is None else scene.mean_of(scene.pyramid[level])
        return self.head(vector).float()

    def decode(self, prediction: Prediction, draft: Draft) -> None:
        """Write the probability of each value, in the order of the facts; they add up to 1."""
        shares = prediction["logits"].cpu().double().softmax(0).tolist()
        draft.findings[self.config.label] = dict(zip(self.values, shares, strict=True))


def _head(channels: int, hidden: int | None, dropout: float, values: int) -> nn.Sequential:
    """(B, channels) to (B, values), with one hidden layer where its width is given."""
    inner = [] if hidden is None else [nn.Linear(channels, hidden), nn.ReLU()]
    width = channels if hidden is None else hidden
    return nn.Sequential(*inner, nn.Dropout(dropout), nn.Linear(width, values))
