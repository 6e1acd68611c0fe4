"""Sanity check of validation before training: whether the monitored figure is one that there is.

Figures are known by name only once something was judged, and which there are follows from what is
annotated. So a few annotated images are read and judged with the weights that the training starts
from, exactly as each evaluation will do it, and nothing is kept of it but the names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from rich.console import Console

from polyclinic.console import note
from polyclinic.data import Cohort, Split
from polyclinic.errors import ConfigError, nearest
from polyclinic.recipes.assemble import Assembly
from polyclinic.recipes.judge import judge, read_cases
from polyclinic.recipes.recipe import Recipe
from polyclinic.recipes.settings import RecipeConfig
from polyclinic.runs.load import make_reader
from polyclinic.sample import Sample

OF_EACH = 2
"""Images of each kind of annotation that are looked at: some figures compare patients."""
MOST = 16


def check_monitored(
    recipe: Recipe[Any],
    config: RecipeConfig,
    assembly: Assembly,
    cohort: Cohort,
    split: Split,
    description: dict[str, Any],
    console: Console,
) -> None:
    """Make sure that the figure by which weights are chosen is one that can be had.

    It can be where a few images of the validation part have it, or of the training part: then it
    is only the validation part that lacks its annotation, as is said at the first evaluation.
    Where a task was left out the figure may be of that one, and a note is all that can be said.

    Args:
        recipe: names the figure.
        config: its settings.
        assembly: its network is put to use and left as it was.
        cohort: images and annotations.
        split: of it.
        description: what `model.json` will say.
        console: where the note goes.

    Raises:
        ConfigError: there is no such figure; the names of those that there are are given.
    """
    name = recipe.monitored(config)
    known: set[str] = set()
    for part in (split.val, split.train):
        names, all_read = _names(recipe, config, assembly, cohort, part, description)
        known |= names
        if name in names or not all_read:
            return
    where = f"the monitor of the recipe {recipe.name}"
    if missing := _left_out(recipe, config, assembly):
        console.print(
            note(
                f"{where}, {name}, can't be had without {', '.join(missing)}: the last weights "
                f"will be kept. Figures of these images: {', '.join(sorted(known))}"
            )
        )
        return
    raise ConfigError(
        f"there is no figure {name!r} to choose weights by",
        expected=f"one of {', '.join(sorted(known))}",
        where=where,
        hint=nearest(name, known),
    )


def _names(
    recipe: Recipe[Any],
    config: RecipeConfig,
    assembly: Assembly,
    cohort: Cohort,
    part: Sequence[int],
    description: dict[str, Any],
) -> tuple[set[str], bool]:
    """Names of the figures of a few images, and whether all of these could be read."""
    network = assembly.network
    training = network.training
    network.eval()
    try:
        with torch.no_grad():
            reader = make_reader(recipe, config, assembly.facts, network, description)
            cases = read_cases(reader, cohort, _of_each_kind(cohort.samples, part))
    finally:
        network.train(training)
    read = [case for case in cases if case[1].error is None]
    if not read:
        return set(), False
    figures = judge(recipe, config, network.task_list, read, reader.accept)
    return {one.name for one in figures}, len(read) == len(cases)


def _of_each_kind(samples: Sequence[Sample], part: Sequence[int]) -> list[int]:
    """Rows of a part that together have every kind of annotation of it, in order."""
    seen: Counter[object] = Counter()
    kept: set[int] = set()
    for kinds in (_kinds, _values):
        for row in part:
            new = [kind for kind in kinds(samples[row]) if seen[kind] < OF_EACH]
            if new and len(kept) < MOST:
                seen.update(new)
                kept.add(row)
    return sorted(kept)


def _kinds(sample: Sample) -> Iterator[str]:
    """What is annotated and known of an image."""
    yield "image"
    yield from (f"label {name}" for name in sample.labels)
    yield from ("spacing",) if sample.spacing.known else ()
    for one in sample.instances or ():
        yield f"class {one.category}"
        yield from ("mask",) if one.mask is not None else ()
        yield from ("landmarks",) if one.has_visible_landmarks else ()
        yield from (f"label {name} of an instance" for name in one.labels)


def _values(sample: Sample) -> Iterator[str]:
    """The values of the labels of an image."""
    yield from (f"{name} = {value!r}" for name, value in sample.labels.items())


def _left_out(recipe: Recipe[Any], config: RecipeConfig, assembly: Assembly) -> list[str]:
    """Tasks that the data can't teach."""
    asked = (*recipe.tasks(config), *config.beside.tasks())
    return [one.task_name for one in asked if one.task_name not in assembly.network.tasks]
