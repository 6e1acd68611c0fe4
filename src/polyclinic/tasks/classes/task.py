"""One whole-image label: a probability for each of its values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator
from torch import Tensor

from polyclinic.data import Facts
from polyclinic.metrics.classify.answers import word_of
from polyclinic.tasks.task import FeatureShape, NamedRows, rows_of_layer
from polyclinic.tasks.whole_image.one_value import OneValue, OneValueConfig

Value = Annotated[str, BeforeValidator(word_of)]
"""A value by the name under which it is judged: 2, 2.0 and "2" are one."""


class ClassesConfig(OneValueConfig):
    """Settings of a nominal whole-image label."""

    values: tuple[Value, ...] | None = Field(
        None,
        min_length=2,
        description="the values that are told apart, in this order; none: those of the data",
    )

    @model_validator(mode="after")
    def _names_each_value_once(self) -> Self:
        if self.values is not None and len(set(self.values)) < len(self.values):
            raise ValueError("a value comes twice")
        return self

    def counts(self, facts: Facts) -> dict[str, int]:
        """Training images of each value, in the declared order where there is one.

        A declared value that no training image has is not told apart: nothing says how it looks.
        """
        found = super().counts(facts)
        if self.values is None:
            return found
        declared = {one: found.get(one, 0) for one in self.values}
        if facts.not_taught is None:
            return declared
        return {one: count for one, count in declared.items() if count}

    def build(self, facts: Facts, features: FeatureShape) -> Classes:
        """Make the task for the values of a data set, or for those that were declared.

        Raises:
            ConfigError: there is no such level.
        """
        return Classes(self, self.counts(facts), self.vector_width(features))


class Classes(OneValue):
    """Which of several values an image has, with nothing known of their order.

    Args:
        config: settings.
        counts: training images of each of C values, by name, in the order of the answer.
        channels: values that are known of an image.
    """

    def __init__(self, config: ClassesConfig, counts: Mapping[str, int], channels: int) -> None:
        super().__init__(config, counts, channels, outputs=len(counts))

    def logits(self, outputs: Tensor) -> Tensor:
        """(B, C) one output a value."""
        return outputs

    def named_rows(self) -> dict[str, NamedRows]:
        """The output of each value."""
        return rows_of_layer(f"head.{len(self.head) - 1}", self.values)
