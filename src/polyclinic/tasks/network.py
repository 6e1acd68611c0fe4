"""One encoder, many tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from polyclinic.errors import ConfigError
from polyclinic.tasks.batch import Batch
from polyclinic.tasks.scene import Loss, Scene
from polyclinic.tasks.task import Prediction, Task


class Network(nn.Module):
    """Runs the encoder once and hands its features to each task in turn.

    Args:
        encoder: (B, 3, H, W) RGB on a scale of 0 to 1 to maps, finest first.
        pyramid: maps to p2 ... p6 by name.
        tasks: in an order in which regions are made before they are used.

    Raises:
        ConfigError: two tasks have one name.
    """

    def __init__(self, encoder: nn.Module, pyramid: nn.Module, tasks: Sequence[Task]) -> None:
        super().__init__()
        self.encoder, self.pyramid = encoder, pyramid
        names = [task.name for task in tasks]
        if len(set(names)) < len(names):
            raise ConfigError(f"two tasks share a name: {', '.join(names)}", expected="one each")
        self.tasks = nn.ModuleDict({task.name: task for task in tasks})

    @property
    def task_list(self) -> list[Task]:
        """The tasks in order."""
        return [cast(Task, task) for task in self.tasks.values()]

    @property
    def loss_names(self) -> tuple[str, ...]:
        """Every loss that a batch may give, in order."""
        return tuple(name for task in self.task_list for name in task.loss_names)

    @property
    def gives_landmarks(self) -> bool:
        """Whether a task writes landmarks."""
        return any(task.gives_landmarks for task in self.task_list)

    def forward(self, batch: Batch) -> dict[str, Loss]:
        """Named losses of a batch with targets."""
        scene = self._look(batch)
        losses: dict[str, Loss] = {}
        for task in self.task_list:
            losses |= task.losses(scene, batch.targets[task.name])
        return losses

    @torch.no_grad()
    def predict(self, batch: Batch) -> list[dict[str, Prediction]]:
        """What each task sees in each image, by task name."""
        scene = self._look(batch)
        found = {task.name: task.predict(scene) for task in self.task_list}
        return [{name: rows[i] for name, rows in found.items()} for i in range(len(batch.sizes))]

    def _look(self, batch: Batch) -> Scene:
        maps: list[Tensor] = self.encoder(batch.images.float() / 255)
        return Scene(
            maps=maps,
            # Once here rather than by each task: crops, boxes and losses are computed in float32.
            pyramid={name: level.float() for name, level in self.pyramid(maps).items()},
            frame=(batch.images.shape[2], batch.images.shape[3]),
            sizes=batch.sizes,
            keys=batch.keys,
        )
