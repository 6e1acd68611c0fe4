"""A network as graphs without loops over images: one of the whole image, one a region task."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from polyclinic.decoding.boxes import MULTIPLE
from polyclinic.tasks import Batch, Network, Scene, Task


class WholeGraph(nn.Module):
    """Everything that is found without looking at regions.

    Takes (h, w, 3) uint8 RGB of one image and pads it as `collate` does. Gives the levels that
    region tasks look at by their names, and answers by task and name, `task.name`.

    Args:
        network: in evaluation mode.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.levels = levels_of(network)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        """Look at one image."""
        height, width = image.shape[0], image.shape[1]
        right = (width + MULTIPLE - 1) // MULTIPLE * MULTIPLE - width
        below = (height + MULTIPLE - 1) // MULTIPLE * MULTIPLE - height
        pixels = F.pad(image.permute(2, 0, 1)[None].float(), (0, right, 0, below))
        scene = self.network.look(Batch(pixels, ((height, width),), {}, (0,), ("",)))
        found = {level: scene.pyramid[level] for level in self.levels}
        return found | self._answers(scene)

    def _answers(self, scene: Scene) -> dict[str, Tensor]:
        answers = {}
        for task in self.network.task_list:
            self.network.feed(task, scene)
            for name, value in task.find(scene).items():
                answers[f"{task.name}.{name}"] = value
        return answers


class RegionGraph(nn.Module):
    """What one task says of regions: levels and (N, 4) boxes to rows a region.

    Args:
        task: with `region_levels`.
    """

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.task = task
        self.levels = tuple(task.region_levels)

    def forward(self, levels: Sequence[Tensor], boxes: Tensor) -> dict[str, Tensor]:
        """Look at the regions of one image."""
        pyramid = dict(zip(self.levels, levels, strict=True))
        return self.task.look_at_regions(pyramid, [boxes])


def levels_of(network: Network) -> tuple[str, ...]:
    """The levels that region tasks look at, finest first."""
    return tuple(sorted({level for task in network.task_list for level in task.region_levels}))


@torch.no_grad()
def example_regions(network: Network, size: tuple[int, int]) -> tuple[dict[str, Tensor], Tensor]:
    """Levels of a grey image and (2, 4) boxes on it, to trace region graphs with."""
    found = WholeGraph(network)(torch.full((*size, 3), 127, dtype=torch.uint8))
    height, width = size
    boxes = torch.tensor([[0.0, 0, width / 2, height / 2], [4.0, 4, width - 1, height - 1]])
    return {level: found[level] for level in levels_of(network)}, boxes
