"""From settings and facts to a network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import torch

from polyclinic.data import Facts
from polyclinic.data.degrade import DegradeConfig
from polyclinic.data.taught import NotTaught, not_taught_lines
from polyclinic.errors import DataError
from polyclinic.models import Encoder, build_encoder, build_pyramid
from polyclinic.recipes.recipe import Recipe, SettingsT
from polyclinic.recipes.settings import RecipeConfig
from polyclinic.tasks import FeatureShape, Network, Task, TaskConfig
from polyclinic.tasks.edge import Edge
from polyclinic.tasks.hierarchy import (
    between,
    fed_width,
    in_order,
    looks_twice,
    named_tasks,
    refuse_overwriting,
)


@dataclass(frozen=True)
class Assembly:
    """A network, and which tasks had to be left out and why.

    Args:
        network: with freshly drawn (or pretrained encoder) weights.
        left_out: one line a task, and one a name that the training images can't teach.
        facts: what it was built for.
        not_read: names that the training images can't teach, of those that the tasks would read.
    """

    network: Network
    left_out: tuple[str, ...]
    facts: Facts
    not_read: NotTaught


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
        ConfigError: the hierarchy names no task, goes in a circle, or passes on what is not there;
            two tasks have one name or write the same.
    """
    torch.manual_seed(config.seed)
    facts = _with_made(facts, config.data.degrade)
    encoder = _encoder(config, load_weights)
    pyramid = build_pyramid(encoder, config.model.pyramid_channels, finest=config.model.finest)
    shape = FeatureShape(
        map_channels=tuple(encoder.channels),
        pyramid_channels=pyramid.channels,
        strides=tuple(pyramid.strides.values()),
    )
    taught, edges, left_out = _sorted_out(recipe, config, facts)
    tasks: dict[str, Task] = {}
    for name, task in taught.items():
        fed = fed_width(name, edges, tasks, encoder.channels[-1])
        tasks[name] = task.build(facts, replace(shape, fed=fed))
    own = config.hierarchy.second == "own" and looks_twice(edges, tasks)
    second = _encoder(config, load_weights) if own else None
    network = Network(encoder, pyramid, list(tasks.values()), edges=edges, second=second)
    not_read = _asked_for(facts.not_taught or {}, network, taught.values())
    return Assembly(network, (*left_out, *not_taught_lines(not_read)), facts, not_read)


def _asked_for(names: NotTaught, network: Network, tasks: Iterable[TaskConfig]) -> NotTaught:
    """What of these names the tasks of a network would have read."""
    rows = {name for one in network.named_rows().values() for name in one.names}
    labels = {label for task in tasks for label in task.asked_labels}
    found = {
        **{kind: [n for n in names[kind] if n in rows] for kind in names if kind != "labels"},
        "labels": {k: values for k, values in names.get("labels", {}).items() if k in labels},
    }
    return {kind: some for kind, some in found.items() if some}


def _sorted_out(
    recipe: Recipe[SettingsT], config: SettingsT, facts: Facts
) -> tuple[dict[str, TaskConfig], tuple[Edge, ...], tuple[str, ...]]:
    """The tasks that the data can teach, in order; edges between them; what is left out and why."""
    named = named_tasks((*recipe.tasks(config), *config.beside.tasks()))
    asked = config.hierarchy.edges
    reasons = {name: named[name].left_out(facts) for name in in_order(list(named), asked)}
    taught = {name: named[name] for name, reason in reasons.items() if reason is None}
    lacking = [f"{name}: {reason}" for name, reason in reasons.items() if reason is not None]
    if not taught:
        raise DataError(
            "nothing can be trained on this data: " + "; ".join(lacking),
            hint="see docs/data-format.md for how annotations are written",
        )
    refuse_overwriting(taught)
    edges = between(asked, list(taught))
    broken = [f"{edge}: an end is missing" for edge in asked if edge not in edges]
    return taught, edges, (*lacking, *broken)


def _with_made(facts: Facts, degrade: DegradeConfig) -> Facts:
    """Degraded training views have a sharp partner and a quality, whatever was annotated."""
    return replace(facts, kinds=facts.kinds | {"sharp", degrade.label}) if degrade.on else facts


def _encoder(config: RecipeConfig, load_weights: bool) -> Encoder:
    model = config.model
    return build_encoder(
        model.encoder,
        weights=model.weights if load_weights else None,
        norm=model.norm,
        checkpoint=model.recompute,
        finest=model.finest,
        hourglass=model.hourglass,
    )
