"""One encoder, many tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from polyclinic.errors import ConfigError
from polyclinic.tasks.batch import Batch
from polyclinic.tasks.edge import IMAGE, Edge, EdgeInput
from polyclinic.tasks.scene import Loss, Scene
from polyclinic.tasks.task import NamedRows, Prediction, Task, refuse_not_finite


class Network(nn.Module):
    """Runs the encoder once and hands its features to each task in turn.

    Args:
        encoder: (B, 3, H, W) RGB on a scale of 0 to 1 to maps, finest first.
        pyramid: maps to p2 ... p6 by name.
        tasks: in an order in which regions are made before they are used, and what is passed on
            before it is received.
        edges: what tasks pass on to each other.
        second: looks at images that are passed on; None: the encoder does.

    Raises:
        ConfigError: two tasks have one name, or an edge leads to a task that does not look at what
            it brings.
    """

    def __init__(
        self,
        encoder: nn.Module,
        pyramid: nn.Module,
        tasks: Sequence[Task],
        *,
        edges: Sequence[Edge] = (),
        second: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.edges, self.second = tuple(edges), second
        self.encoder, self.pyramid = encoder, pyramid
        names = [task.name for task in tasks]
        if len(set(names)) < len(names):
            raise ConfigError(f"two tasks share a name: {', '.join(names)}", expected="one each")
        self.tasks = nn.ModuleDict({task.name: task for task in tasks})
        for edge in edges:
            if not cast(Task, self.tasks[edge.target]).receives:
                raise ConfigError(
                    f"{edge}: {edge.target} does not look at what other tasks pass on",
                    expected="a task of the image as a whole, or restore, as the target",
                    where="hierarchy.edges",
                )

    @property
    def task_list(self) -> list[Task]:
        """The tasks in order."""
        return [cast(Task, task) for task in self.tasks.values()]

    @property
    def loss_names(self) -> tuple[str, ...]:
        """Every loss that a batch may give, in order."""
        return tuple(name for task in self.task_list for name in task.loss_names)

    def named_rows(self) -> dict[str, NamedRows]:
        """Parameters of the tasks of which each row belongs to a name; see `Task.named_rows`."""
        return {
            f"tasks.{task.name}.{parameter}": rows
            for task in self.task_list
            for parameter, rows in task.named_rows().items()
        }

    @property
    def gives_landmarks(self) -> bool:
        """Whether a task writes landmarks."""
        return any(task.gives_landmarks for task in self.task_list)

    def forward(self, batch: Batch) -> dict[str, Loss]:
        """Named losses of a batch with targets."""
        scene = self.look(batch)
        losses: dict[str, Loss] = {}
        for task in self.task_list:
            self.feed(task, scene)
            losses |= task.losses(scene, batch.targets[task.name])
        return losses

    @torch.no_grad()
    def predict(self, batch: Batch, least: float = 0.0) -> list[dict[str, Prediction]]:
        """What each task sees in each image, by task name.

        Args:
            batch: of images.
            least: instances with a lower score are left out.

        Raises:
            ImageError: features or answers are not finite.
        """
        scene = self.look(batch)
        scene.least = least
        refuse_not_finite("encoder", (*scene.maps, *scene.pyramid.values()))
        found = {}
        for task in self.task_list:
            self.feed(task, scene)
            found[task.name] = task.predict(scene)
            refuse_not_finite(task.name, (one for row in found[task.name] for one in row.values()))
        return [{name: rows[i] for name, rows in found.items()} for i in range(len(batch.sizes))]

    def feed(self, task: Task, scene: Scene) -> None:
        """Bring a task what earlier ones pass on to it."""
        edges = [edge for edge in self.edges if edge.target == task.name]
        if edges:
            scene.fed[task.name] = tuple(
                EdgeInput(edge.source, edge.what, self._passed(edge, scene)) for edge in edges
            )

    def _passed(self, edge: Edge, scene: Scene) -> Tensor:
        """(B, F) what goes along an edge."""
        value: Tensor = scene.images
        if edge.source != IMAGE:
            value = getattr(scene.outlook(cast(Task, self.tasks[edge.source])), edge.what)
        if edge.detach:
            value = value.detach()
        if value.ndim == 2:
            return value
        maps: list[Tensor] = (self.second or self.encoder)(value)
        return scene.mean_of(maps[-1])

    def look(self, batch: Batch) -> Scene:
        """Features of a batch, before any task has looked at them."""
        images = batch.images.float() / 255
        maps: list[Tensor] = self.encoder(images)
        return Scene(
            maps=maps,
            # Once here rather than by each task: crops, boxes and losses are computed in float32.
            pyramid={name: level.float() for name, level in self.pyramid(maps).items()},
            frame=(batch.images.shape[2], batch.images.shape[3]),
            sizes=batch.sizes,
            keys=batch.keys,
            pixels=images,
        )
