"""Several whole-image labels at once, each absent or present."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

import torch
import torch.nn.functional as F
from pydantic import Field, model_validator
from torch import Tensor

from polyclinic.data import Facts
from polyclinic.decoding import LabelDecoder
from polyclinic.metrics.classify.answers import in_order
from polyclinic.sample import Sample
from polyclinic.tasks.edge import TaskOutput, What, Width
from polyclinic.tasks.scale import EACH, Scale
from polyclinic.tasks.scene import Loss, Scene
from polyclinic.tasks.task import (
    FeatureShape,
    NamedRows,
    Prediction,
    Target,
    Task,
    rows_of_layer,
)
from polyclinic.tasks.whole_image.head import (
    WholeImageConfig,
    look_at,
    through,
    vector_head,
    vector_width,
)
from polyclinic.tasks.whole_image.one_value import (
    named_counts,
    root_weights,
    value_row,
    why_one_value,
)


class MultilabelConfig(WholeImageConfig):
    """Settings of several labels that are absent or present."""

    labels: tuple[str, ...] = Field(min_length=1, description="which labels of an image")

    @model_validator(mode="after")
    def _names_each_label_once(self) -> Self:
        if len(set(self.labels)) < len(self.labels):
            raise ValueError("a label comes twice")
        return self

    @property
    def asked_labels(self) -> tuple[str, ...]:
        """All of them."""
        return self.labels

    def left_out(self, facts: Facts) -> str | None:
        """Needs both values of every label in the training images, and no third one."""
        reasons = [_why_not_two_values(facts, label) for label in self.labels]
        return "; ".join(filter(None, reasons)) or None

    def build(self, facts: Facts, features: FeatureShape) -> Multilabel:
        """Make the task for the values of a data set.

        Raises:
            ConfigError: there is no such level.
        """
        counts = {label: _absent_first(named_counts(facts, label)) for label in self.labels}
        width = vector_width(self.level, features, where=f"level of {self.task_name}")
        return Multilabel(self, counts, width)


class Multilabel(Task):
    """Which of several things are present in an image.

    Args:
        config: settings.
        counts: for each of L labels, training images of the absent value, then of the present one,
            by name.
        channels: values that are known of an image.
    """

    receives = True
    scales: Mapping[str, Scale] = {"logits": EACH}
    weights: Tensor

    def __init__(
        self, config: MultilabelConfig, counts: Mapping[str, Mapping[str, int]], channels: int
    ) -> None:
        super().__init__()
        self.name = config.task_name
        self.loss_names = (self.name,)
        self.config = config
        self.values = {label: tuple(found) for label, found in counts.items()}
        self.offers: Mapping[What, Width] = {
            "features": config.hidden or channels,
            "prediction": len(counts),
        }
        weights = [root_weights(list(found.values())) for found in counts.values()]
        even = torch.ones(len(counts), 2)
        self.register_buffer(
            "weights", torch.stack(weights) if config.balanced else even, persistent=False
        )
        self.head = vector_head(channels, config.hidden, config.dropout, len(counts))

    def encode(self, sample: Sample) -> Target:
        """Rows (L,): 0 absent, 1 present, -1 where nothing was annotated.

        Raises:
            DataError: a value is none of the two of its label.
        """
        rows = [value_row(sample, label, names) for label, names in self.values.items()]
        return {"rows": torch.tensor(rows)}

    def look(self, scene: Scene) -> TaskOutput:
        """What the last layer sees (B, F), and the probability that each is present (B, L)."""
        features, logits = through(self.head, look_at(scene, self.config.level, self.name))
        return TaskOutput(features, logits.sigmoid(), {"logits": logits})

    def losses(self, scene: Scene, targets: Sequence[Target]) -> dict[str, Loss]:
        """Binary cross-entropy of every annotated value; their number is the count."""
        rows = torch.stack([target["rows"] for target in targets])
        known = rows >= 0
        if not known.any():
            return {}
        labels = torch.arange(rows.shape[1], device=rows.device).expand_as(rows)
        total = F.binary_cross_entropy_with_logits(
            scene.outlook(self).own["logits"][known],
            rows[known].float(),
            weight=self.weights[labels[known], rows[known]],
            reduction="sum",
        )
        return {self.name: Loss(total, known.sum().float())}

    def predict(self, scene: Scene) -> list[Prediction]:
        """Logits (L,) of each image."""
        return [{"logits": one} for one in scene.outlook(self).own["logits"]]

    def named_rows(self) -> dict[str, NamedRows]:
        """The output of each label, and which of its values is the present one."""
        names = [f"{label}: {present}" for label, (_, present) in self.values.items()]
        return rows_of_layer(f"head.{len(self.head) - 1}", names)

    @property
    def decoder(self) -> LabelDecoder:
        """A finding a label."""
        return LabelDecoder(values=self.values)


def _why_not_two_values(facts: Facts, label: str) -> str | None:
    counts = named_counts(facts, label)
    if len(counts) > 2:
        return f"the label {label!r} has {len(counts)} values ({', '.join(counts)}), not two"
    return why_one_value(facts, label)


def _absent_first(counts: Mapping[str, int]) -> dict[str, int]:
    """The two values in the order in which they are judged: the present one last."""
    return {name: counts[name] for name in in_order(list(counts))}
