"""What one forward pass knows so far; tasks read it and add to it.

Shape letters: B images, N regions of one image, C channels, H and W network pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from polyclinic.tasks.edge import EdgeInput, TaskOutput

if TYPE_CHECKING:
    from polyclinic.tasks.task import Task


@dataclass(frozen=True)
class Loss:
    """A loss as a sum and the number of terms in it.

    Kept apart so that the mean is the same however a batch is cut into processes.
    """

    total: Tensor
    count: Tensor


@dataclass
class Regions:
    """Boxes that region tasks look at.

    Args:
        boxes: (N, 4) an image, corner-origin network pixels (centres at .5, as torchvision).
        labels: (N,) an image, class of each region. While training 0 is background, 1 ... C are
            the C classes, and C + 1 is an object whose class nobody named: it teaches what the
            classes share and nothing that is a class's own. While reading, the index of the class.
        matches: (N,) an image, row of the annotated instance that each region was matched to;
            empty while reading.
    """

    boxes: list[Tensor]
    labels: list[Tensor]
    matches: list[Tensor] = field(default_factory=list)

    @property
    def counts(self) -> list[int]:
        """Number of regions an image."""
        return [len(boxes) for boxes in self.boxes]

    def rows_of(self, classes: Sequence[int]) -> list[Tensor]:
        """(M,) rows an image of the regions of some classes, while reading."""
        return [
            torch.isin(labels, labels.new_tensor(classes)).nonzero()[:, 0] for labels in self.labels
        ]


@dataclass
class Scene:
    """Features of a batch, and the regions once a task has made them.

    Args:
        maps: encoder maps, coarsest last, each (B, C, H / stride, W / stride).
        pyramid: p2 ... p6 by name.
        frame: (H, W) of the padded batch.
        sizes: (height, width) of each image inside that frame.
        keys: one random key an image, so that sampling does not depend on its neighbours.
        made: the regions, once a task has made them.
        pixels: (B, 3, H, W) RGB on a scale of 0 to 1, padded to the frame.
        fed: what edges of a hierarchy have brought, by the name of the task that receives.
        least: while reading, instances with a lower score will not be reported, so that nothing
            need be read in their regions.
    """

    maps: Sequence[Tensor]
    pyramid: Mapping[str, Tensor]
    frame: tuple[int, int]
    sizes: Sequence[tuple[int, int]]
    keys: Sequence[int]
    made: Regions | None = None
    pixels: Tensor | None = None
    fed: dict[str, tuple[EdgeInput, ...]] = field(default_factory=dict)
    least: float = 0.0
    _outlooks: dict[str, TaskOutput] = field(default_factory=dict)

    @property
    def images(self) -> Tensor:
        """The pixels that the features were made of.

        Raises:
            RuntimeError: they were not kept.
        """
        if self.pixels is None:
            raise RuntimeError("a task needs the images, and the scene does not hold them")
        return self.pixels

    def outlook(self, task: Task) -> TaskOutput:
        """What a task found, worked out once."""
        if task.name not in self._outlooks:
            self._outlooks[task.name] = task.look(self)
        return self._outlooks[task.name]

    def fed_vector(self, name: str) -> Tensor | None:
        """(B, F) everything that edges have brought to a task, side by side; None without any."""
        vectors = [one.vector for one in self.fed.get(name, ())]
        return torch.cat(vectors, 1) if vectors else None

    @property
    def regions(self) -> Regions:
        """The regions that an earlier task made.

        Raises:
            RuntimeError: no task has made any; the tasks are in the wrong order.
        """
        if self.made is None:
            raise RuntimeError("a task needs regions before any task has made them")
        return self.made

    @property
    def device(self) -> torch.device:
        """Where the features live."""
        return self.maps[0].device

    @property
    def vector(self) -> Tensor:
        """(B, C) mean of the coarsest map over the part that each image covers."""
        return self.mean_of(self.maps[-1])

    def mean_of(self, features: Tensor) -> Tensor:
        """(B, C) float32 mean of a map (B, C, ...) over the part that each image covers."""
        features = features.float()
        height, width = features.shape[2:]
        cells = [
            (cells_of(h, height, self.frame[0]), cells_of(w, width, self.frame[1]))
            for h, w in self.sizes
        ]
        return torch.stack(
            [
                one[:, :rows, :columns].mean((1, 2))
                for one, (rows, columns) in zip(features, cells, strict=True)
            ]
        )


def cells_of(side: int, cells: int, frame: int) -> int:
    """Cells of a map that an image reaches into, of as many as span the frame.

    Nothing is negative here: exported graphs divide towards zero, Python downwards.

    Args:
        side: of the image, in network pixels.
        cells: of the map.
        frame: side of the padded batch.
    """
    return (side * cells + frame - 1) // frame
