"""The settings that all tasks of an image as a whole have."""

from __future__ import annotations

from abc import ABC

from pydantic import Field, PositiveInt

from polyclinic.tasks.task import TaskConfig


class WholeImageConfig(TaskConfig, ABC):
    """Where a task looks, and the layers that it looks with."""

    name: str | None = Field(
        None, pattern=r"^\w+$", description="of the task; none: that of its kind and label"
    )
    level: str | None = Field(
        None, description="level of the pyramid to look at; none: the encoder's coarsest map"
    )
    hidden: PositiveInt | None = Field(None, description="width of a hidden layer; none: linear")
    dropout: float = Field(0.0, ge=0, lt=1, description="before the last layer")
    balanced: bool = Field(
        False, description="weigh a value by the inverse root of its share of the training images"
    )

    @property
    def task_name(self) -> str:
        """The name that was given, else that of the kind."""
        return self.name or super().task_name
