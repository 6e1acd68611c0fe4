"""The unit that everything a reader can do is made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from polyclinic.config import Config
from polyclinic.data import Facts
from polyclinic.decoding import Decoder, Detector, ReadingBuilder
from polyclinic.errors import ConfigError, not_finite
from polyclinic.metrics.case import Case
from polyclinic.metrics.figure import Figure
from polyclinic.sample import Sample
from polyclinic.tasks.edge import TaskOutput, What, Width
from polyclinic.tasks.scale import Scale
from polyclinic.tasks.scene import Loss, Scene

INSTANCES = "the instances"
"""See `TaskConfig.writes`."""

Target = dict[str, Tensor]
Prediction = dict[str, Tensor]


def as_arrays(prediction: Prediction) -> dict[str, NDArray[Any]]:
    """A prediction without torch; numpy has no bfloat16, which becomes float32."""
    return {
        name: (value.float() if value.dtype == torch.bfloat16 else value).detach().cpu().numpy()
        for name, value in prediction.items()
    }


@dataclass(frozen=True, kw_only=True)
class NamedRows:
    """What the rows of a parameter are of.

    Args:
        names: one a row; None for a row that is of no use to others.
        axis: of the rows.
    """

    names: tuple[str | None, ...]
    axis: int = 0


def rows_of_layer(layer: str, names: Sequence[str], *, axis: int = 0) -> dict[str, NamedRows]:
    """Those of a layer whose outputs belong to names.

    Args:
        layer: its name in the task.
        names: one an output.
        axis: of the outputs in the weights; 1 for a transposed convolution.
    """
    return {
        f"{layer}.weight": NamedRows(names=tuple(names), axis=axis),
        f"{layer}.bias": NamedRows(names=tuple(names)),
    }


def refuse_not_finite(task: str, tensors: Iterable[Tensor]) -> None:
    """Make sure that what a network says is numbers.

    NaN is no score from which on anything is found: a broken network would find nothing.

    Raises:
        ImageError: a value is NaN or infinite.
    """
    for one in tensors:
        # A sum is fast, and finite where all are; one that overflows is looked at closer.
        if one.is_floating_point() and not bool(one.sum().isfinite() or one.isfinite().all()):
            raise not_finite(task)


@dataclass(frozen=True, kw_only=True)
class FeatureShape:
    """What the encoder and its pyramid offer to heads.

    Args:
        map_channels: channels of each encoder map, coarsest last.
        pyramid_channels: channels of every level of the pyramid.
        strides: network pixels a cell of each level, finest first; level p3 has stride 2^3.
        fed: values that the edges of a hierarchy bring to the task that is built.
    """

    map_channels: tuple[int, ...]
    pyramid_channels: int
    strides: tuple[int, ...]
    fed: int = 0

    def check_levels(self, levels: Sequence[str], *, where: str) -> None:
        """Make sure that a task asks for levels that there are, finest first without a gap.

        Raises:
            ConfigError: it does not.
        """
        offered = [f"p{stride.bit_length() - 1}" for stride in self.strides]
        wanted = list(levels)
        first = offered.index(wanted[0]) if wanted and wanted[0] in offered else 0
        if not wanted or wanted != offered[first : first + len(wanted)]:
            raise ConfigError(
                f"levels {', '.join(wanted) or 'none'}",
                expected=f"neighbouring levels of {', '.join(offered)}, finest first",
                where=where,
                hint="p1 needs model.finest=p1",
            )


class Task(nn.Module, ABC):
    """Target codec, head, losses, decoding and metrics of one thing to be read.

    A task must accept samples on which its kind was not annotated: they add no loss.

    Attributes:
        name: unique among the tasks of a network.
        loss_names: every name that `losses` may return.
        gives_landmarks: whether it writes the landmarks of instances.
        least_side: objects narrower than this, in network pixels, can't be learned: where they lie
            is neither object nor background.
        offers: what it lets other tasks see, and how wide that is; see `look`.
        receives: whether it looks at what edges bring.
        region_levels: of the pyramid, where it looks at regions; see `look_at_regions`.
        region_classes: indices of the classes that it has anything to say of; None: all. Others are
            not looked at while reading.
        exact: names of what it finds that is measured to fractions of a pixel; where a network
            computes with fewer digits, the last products before these keep all.
        scales: on which each output of `find` and `look_at_regions` is compared with what another
            runtime makes of it; `VALUES` for one that is not named.
    """

    name: str
    loss_names: tuple[str, ...]
    gives_landmarks: bool = False
    least_side: float = 2.0
    offers: Mapping[What, Width] = {}
    receives: bool = False
    region_levels: Sequence[str] = ()
    region_classes: Sequence[int] | None = None
    exact: Sequence[str] = ()
    scales: Mapping[str, Scale] = {}

    @abstractmethod
    def encode(self, sample: Sample) -> Target:
        """Targets of a sample in the network frame; runs in loader processes, without gradients."""

    def look(self, scene: Scene) -> TaskOutput:
        """What other tasks may see of this one, where it `offers` anything.

        Ask `Scene.outlook`, which works it out once.
        """
        raise NotImplementedError(f"{self.name} offers nothing to other tasks")

    @abstractmethod
    def losses(self, scene: Scene, targets: Sequence[Target]) -> dict[str, Loss]:
        """Named losses of a batch; a loss with nothing annotated is left out."""

    @abstractmethod
    def predict(self, scene: Scene) -> list[Prediction]:
        """Tensors for each image; no gradients, network frame."""

    def find(self, scene: Scene) -> Prediction:
        """What can be said of the only image of a scene without looking at regions.

        With `look_at_regions`, all that an exported network computes; numpy does the rest.
        """
        return {} if self.region_levels else self.predict(scene)[0]

    def look_at_regions(self, pyramid: Mapping[str, Tensor], boxes: Sequence[Tensor]) -> Prediction:
        """Tensors with a row a region; for tasks with `region_levels`.

        Nothing but the crops may be looked at: how many regions there are is not known when an
        exported graph is made.

        Args:
            pyramid: at least the levels that the task looks at.
            boxes: (N, 4) an image, corner-origin network pixels.
        """
        raise NotImplementedError(f"{self.name} does not look at regions")

    @property
    def detector(self) -> Detector | None:
        """Makes regions of what `find` gives, where the task is the one that makes them."""
        return None

    @property
    @abstractmethod
    def decoder(self) -> Decoder:
        """Writes one image's prediction into its draft, in original pixels."""

    def decode(self, prediction: Prediction, draft: ReadingBuilder) -> None:
        """Have the decoder write one image's prediction into its draft."""
        self.decoder.decode(as_arrays(prediction), draft)

    def named_rows(self) -> dict[str, NamedRows]:
        """Parameters of which each row belongs to a name, such as that of a class.

        By their names, below the task's. Another network takes such rows over by name, not by
        place; the rest is taken over as it is.
        """
        return {}

    def figures(self, cases: Sequence[Case], accept: float) -> list[Figure]:
        """Figures beyond those that `polyclinic.metrics.judges` gives for every kind it knows.

        Args:
            cases: samples with readings that hold every candidate.
            accept: the score from which on a candidate counts as found.
        """
        return []


class TaskConfig(Config, ABC):
    """Settings of a task, able to build it."""

    @property
    def task_name(self) -> str:
        """`Task.name` of what is built."""
        return type(self).__name__.removesuffix("Config").lower()

    @property
    def asked_labels(self) -> tuple[str, ...]:
        """Whole-image labels that the task learns."""
        return ()

    @property
    def writes(self) -> tuple[str, ...]:
        """What of a reading is the task's alone: another that writes it would overwrite it."""
        return tuple(f"the finding {label!r}" for label in self.asked_labels)

    @abstractmethod
    def left_out(self, facts: Facts) -> str | None:
        """Why this task can't be trained on a data set, or None when it can."""

    @abstractmethod
    def build(self, facts: Facts, features: FeatureShape) -> Task:
        """Make the task for a data set's classes and landmarks."""
