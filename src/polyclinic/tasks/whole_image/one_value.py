"""Tasks that find which one of several values a label of an image has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor

from polyclinic.data import Facts
from polyclinic.decoding import ValueDecoder
from polyclinic.errors import DataError, nearest
from polyclinic.metrics.classify.answers import word_of
from polyclinic.sample import Sample
from polyclinic.tasks.edge import TaskOutput, What, Width
from polyclinic.tasks.scale import ONE_OF, Scale
from polyclinic.tasks.scene import Loss, Scene
from polyclinic.tasks.task import FeatureShape, Prediction, Target, Task
from polyclinic.tasks.whole_image.head import (
    WholeImageConfig,
    look_at,
    through,
    vector_head,
    vector_width,
)

NOT_ANNOTATED = -1


def named_counts(facts: Facts, label: str) -> dict[str, int]:
    """How many training images have each value of a label, by name, in the order of the facts.

    Values that are judged as one, such as 2, 2.0 and "2", are one. Where a run was written
    before values were counted, each counts once.
    """
    values = facts.label_values.get(label, ())
    counts = facts.label_counts.get(label, (1,) * len(values))
    found: dict[str, int] = {}
    for value, count in zip(values, counts, strict=True):
        name = word_of(value)
        if name is not None:
            found[name] = found.get(name, 0) + count
    return found


def why_one_value(facts: Facts, label: str) -> str | None:
    """Why no two values of a label can be told apart by training, or None when they can."""
    seen = [name for name, count in named_counts(facts, label).items() if count]
    if not seen:
        known = f"; {nearest(label, facts.label_values)}" if facts.label_values else ""
        return f"no image to train on has the label {label!r}{known}"
    if len(seen) == 1:
        return f"every label {label!r} of the images to train on is {seen[0]!r}"
    return None


def value_row(sample: Sample, label: str, names: Sequence[str]) -> int:
    """The place of a sample's value among the names; `NOT_ANNOTATED` where it has none.

    Raises:
        DataError: it is none of the names.
    """
    name = word_of(sample.labels.get(label))
    if name is None:
        return NOT_ANNOTATED
    if name not in names:
        raise DataError(
            f"label {label!r} is {name!r}",
            expected="a value that was declared or trained on",
            where=sample.file or f"image {sample.image_id}",
            hint=nearest(name, names),
        )
    return names.index(name)


def root_weights(counts: Sequence[int]) -> Tensor:
    """(C,) weights w_c ~ n_c^-1/2 with a mean of 1 over the n images.

    A value that no image has weighs nothing.

    Args:
        counts: n_c, not all of them 0.

    Source: as the images of rare hashtags are repeated in Mahajan et al., "Exploring the Limits
    of Weakly Supervised Pretraining", ECCV 2018; here they are weighed instead.
    """
    images = torch.tensor(counts, dtype=torch.float64)
    roots = images.sqrt()
    weights = images.sum() / (roots * roots.sum())
    return torch.where(images > 0, weights, 0).float()


class OneValueConfig(WholeImageConfig, ABC):
    """Settings of a task with one label."""

    label: str = Field(min_length=1, description="which label of an image, such as `knee`")
    smoothing: float = Field(0.0, ge=0, lt=1, description="share of even probabilities in a target")

    @property
    def task_name(self) -> str:
        """The name that was given, else that of the kind with the label."""
        # Names of modules and of parameters can't hold a dot.
        return self.name or f"{super().task_name}_{self.label.replace('.', '_')}"

    @property
    def asked_labels(self) -> tuple[str, ...]:
        """The one label."""
        return (self.label,)

    def left_out(self, facts: Facts) -> str | None:
        """Needs two values of the label in the training images."""
        return why_one_value(facts, self.label)

    def counts(self, facts: Facts) -> dict[str, int]:
        """Training images of each value that is told apart, in the order of the answer."""
        return named_counts(facts, self.label)

    def vector_width(self, features: FeatureShape) -> int:
        """How many values the task sees of an image.

        Raises:
            ConfigError: there is no such level.
        """
        return vector_width(self.level, features, where=f"level of the label {self.label}")


class OneValue(Task, ABC):
    """Which of several values an image has.

    Args:
        config: settings.
        counts: training images of each of C values, by name, in the order of the answer.
        channels: values that are known of an image.
        outputs: of the head.
    """

    receives = True
    scales: Mapping[str, Scale] = {"logits": ONE_OF}
    weights: Tensor | None

    def __init__(
        self, config: OneValueConfig, counts: Mapping[str, int], channels: int, outputs: int
    ) -> None:
        super().__init__()
        self.name = config.task_name
        self.loss_names = (self.name,)
        self.config, self.values = config, tuple(counts)
        self.offers: Mapping[What, Width] = {
            "features": config.hidden or channels,
            "prediction": len(counts),
        }
        weights = root_weights(list(counts.values())) if config.balanced else None
        self.register_buffer("weights", weights, persistent=False)
        self.head = vector_head(channels, config.hidden, config.dropout, outputs)

    @abstractmethod
    def logits(self, outputs: Tensor) -> Tensor:
        """(B, C) in float32, from the outputs of the head; their softmax is the answer."""

    def encode(self, sample: Sample) -> Target:
        """Row () of the annotated value, -1 where there is none.

        Raises:
            DataError: the value is none of those that are told apart.
        """
        return {"row": torch.tensor(value_row(sample, self.config.label, self.values))}

    def look(self, scene: Scene) -> TaskOutput:
        """What the last layer sees (B, F), and the probability of each value (B, C)."""
        features, outputs = through(self.head, look_at(scene, self.config.level, self.name))
        logits = self.logits(outputs)
        return TaskOutput(features, logits.softmax(1), {"logits": logits})

    def losses(self, scene: Scene, targets: Sequence[Target]) -> dict[str, Loss]:
        """Cross-entropy of the labelled images; their number is the count, weights or not."""
        rows = torch.stack([target["row"] for target in targets])
        labelled = rows >= 0
        if not labelled.any():
            return {}
        total = F.cross_entropy(
            scene.outlook(self).own["logits"][labelled],
            rows[labelled],
            weight=self.weights,
            label_smoothing=self.config.smoothing,
            reduction="sum",
        )
        return {self.name: Loss(total, labelled.sum().float())}

    def predict(self, scene: Scene) -> list[Prediction]:
        """Logits (C,) of each image."""
        return [{"logits": one} for one in scene.outlook(self).own["logits"]]

    @property
    def decoder(self) -> ValueDecoder:
        """One finding."""
        return ValueDecoder(label=self.config.label, values=self.values)
