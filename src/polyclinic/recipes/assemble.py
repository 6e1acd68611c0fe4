"""From settings and facts to a network."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from polyclinic.data import Facts
from polyclinic.errors import DataError
from polyclinic.models import build_encoder, build_pyramid
from polyclinic.recipes.recipe import Recipe, SettingsT
from polyclinic.tasks import FeatureShape, Network, Task


@dataclass(frozen=True)
class Assembly:
    """A network, and which tasks had to be left out and why.

    Args:
        network: with freshly drawn (or pretrained encoder) weights.
        left_out: one line a task.
        facts: what it was built for.
    """

    network: Network
    left_out: tuple[str, ...]
    facts: Facts


def assemble(
    recipe: Recipe[SettingsT], config: SettingsT, facts: Facts, *, load_weights: bool = True
) -> Assembly:
    """Build the encoder, the pyramid and every task that the data can teach.

    Args:
        recipe: names the tasks.
        config: its settings.
        facts: classes, landmarks and annotated kinds of the data.
        load_weights: whether to start from `model.weights`; a run that is loaded has its own.

    Raises:
        DataError: no task can be trained on this data.
    """
    torch.manual_seed(config.seed)
    model = config.model
    encoder = build_encoder(
        model.encoder,
        weights=model.weights if load_weights else None,
        norm=model.norm,
        checkpoint=model.recompute,
        finest=model.finest,
        hourglass=model.hourglass,
    )
    pyramid = build_pyramid(encoder, model.pyramid_channels, finest=model.finest)
    shape = FeatureShape(
        map_channels=tuple(encoder.channels),
        pyramid_channels=pyramid.channels,
        strides=tuple(pyramid.strides.values()),
    )
    tasks: list[Task] = []
    left_out: list[str] = []
    for task in recipe.tasks(config):
        reason = task.left_out(facts)
        if reason is None:
            tasks.append(task.build(facts, shape))
        else:
            left_out.append(f"{type(task).__name__.removesuffix('Config').lower()}: {reason}")
    if not tasks:
        raise DataError(
            "nothing can be trained on this data: " + "; ".join(left_out),
            hint="see docs/data-format.md for how annotations are written",
        )
    return Assembly(Network(encoder, pyramid, tasks), tuple(left_out), facts)
