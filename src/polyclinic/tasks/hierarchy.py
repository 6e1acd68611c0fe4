"""The order in which tasks must run so that each has what is passed on to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from torch import nn

from polyclinic.errors import ConfigError, nearest
from polyclinic.tasks.edge import IMAGE, Edge, Width
from polyclinic.tasks.task import Task, TaskConfig

WHERE = "hierarchy.edges"
_CONTAINERS = nn.ModuleDict()


def named_tasks(tasks: Sequence[TaskConfig]) -> dict[str, TaskConfig]:
    """The settings of each task by its name.

    Raises:
        ConfigError: two tasks have one name, or one a name that is taken.
    """
    for task in tasks:
        # Tasks and losses become attributes of containers, beside what these have already.
        if task.task_name == IMAGE or hasattr(_CONTAINERS, task.task_name):
            raise ConfigError(
                f"no task can be named {task.task_name!r}", expected="another name, see `name`"
            )
    named = {task.task_name: task for task in tasks}
    if len(named) < len(tasks):
        raise ConfigError(
            f"two tasks share a name: {', '.join(task.task_name for task in tasks)}",
            expected="one each",
        )
    return named


def refuse_overwriting(tasks: Mapping[str, TaskConfig]) -> None:
    """Make sure that no task writes what another one has written in a reading.

    Args:
        tasks: of one network, by name.

    Raises:
        ConfigError: two do.
    """
    owners: dict[str, str] = {}
    for name, task in tasks.items():
        for what in task.writes:
            if what in owners:
                raise ConfigError(
                    f"the tasks {owners[what]} and {name} both write {what}",
                    expected="one task for it, as one would overwrite the other",
                    hint="leave one of them out, or have it learn another label",
                )
            owners[what] = name


def in_order(names: Sequence[str], edges: Sequence[Edge]) -> list[str]:
    """The tasks, sources before their targets; else as they were listed.

    Args:
        names: every task of the recipe, also those that the data can't teach.
        edges: between them.

    Raises:
        ConfigError: an edge names no task, comes twice, or the edges go round in a circle.
    """
    for edge in edges:
        _check_ends(edge, names)
    if len({(edge.source, edge.target, edge.what) for edge in edges}) < len(edges):
        raise ConfigError("an edge comes twice", where=WHERE)
    sorter: TopologicalSorter[str] = TopologicalSorter({name: () for name in names})
    for edge in edges:
        if edge.source != IMAGE:
            sorter.add(edge.target, edge.source)
    try:
        sorter.prepare()
    except CycleError as error:
        raise ConfigError(
            f"the tasks wait for each other: {' -> '.join(reversed(error.args[1]))}",
            expected="edges without a circle",
            where=WHERE,
        ) from None
    ordered: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=names.index)
        ordered += ready
        sorter.done(*ready)
    return ordered


def between(edges: Sequence[Edge], names: Sequence[str]) -> tuple[Edge, ...]:
    """The edges whose both ends are there."""
    present = {IMAGE, *names}
    return tuple(edge for edge in edges if {edge.source, edge.target} <= present)


def fed_width(name: str, edges: Sequence[Edge], tasks: Mapping[str, Task], seen: int) -> int:
    """How many values arrive at a task.

    Args:
        name: of the task.
        edges: between tasks that there are.
        tasks: those that run before it.
        seen: channels of the coarsest map of the second encoder.

    Raises:
        ConfigError: a task does not offer what is to be passed on.
    """
    widths = [_width(edge, tasks) for edge in edges if edge.target == name]
    return sum(seen if width == IMAGE else int(width) for width in widths)


def looks_twice(edges: Sequence[Edge], tasks: Mapping[str, Task]) -> bool:
    """Whether an image is passed on, so that a second encoder has something to look at."""
    return any(_width(edge, tasks) == IMAGE for edge in edges)


def _width(edge: Edge, tasks: Mapping[str, Task]) -> Width:
    if edge.source == IMAGE:
        return "image"
    offers = tasks[edge.source].offers
    if edge.what not in offers:
        raise ConfigError(
            f"{edge.source} has no {edge.what} to pass on",
            expected=" or ".join(offers) or "another source",
            where=WHERE,
        )
    return offers[edge.what]


def _check_ends(edge: Edge, names: Sequence[str]) -> None:
    for end, known in ((edge.source, (*names, IMAGE)), (edge.target, names)):
        if end not in known:
            raise ConfigError(
                f"{edge} names no task {end!r}",
                expected=f"one of {', '.join(known)}",
                where=WHERE,
                hint=nearest(end, known),
            )
