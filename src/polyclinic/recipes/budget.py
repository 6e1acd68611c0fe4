"""How long a training lasts where a user says so and its preset says something else.

What a user names counts, and what the preset names beside it does not: minutes alone are a budget
that the schedule fits itself to, steps alone are that many steps, and of both the one that comes
first ends the training. Where a user names nothing, the preset counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from polyclinic.config import merge

TRAIN = "train"
STEPS, MINUTES = "steps", "max_minutes"


def with_own_length(overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Overrides that also take back what the preset says of the length and the user does not.

    Each `train` section stands for itself, however deep it lies.

    Args:
        overrides: what the user said, nested; to be laid over a preset.
    """
    return {
        key: _own(key, given) if isinstance(given, Mapping) else given
        for key, given in overrides.items()
    }


def with_shared_budget(overrides: Mapping[str, Any], first: str, share: float) -> Mapping[str, Any]:
    """Overrides in which two networks share the minutes that were given for all of a training.

    Nothing is shared where the user says how long the first network is trained, or gives no
    minutes.

    Args:
        overrides: what the user said, nested.
        first: the section of the first network; settings of the second one are at the top.
        share: of the minutes, for the first network.
    """
    minutes = _section(overrides, TRAIN).get(MINUTES)
    own = _section(_section(overrides, first), TRAIN)
    if isinstance(minutes, bool) or not isinstance(minutes, int | float):
        return overrides
    if {STEPS, MINUTES} & own.keys():
        return overrides
    halves = {
        TRAIN: {MINUTES: minutes * (1 - share)},
        first: {TRAIN: {MINUTES: minutes * share}},
    }
    return merge(overrides, halves)


def _own(key: str, given: Mapping[str, Any]) -> dict[str, Any]:
    return {**_taken_back(given), **given} if key == TRAIN else with_own_length(given)


def _taken_back(given: Mapping[str, Any]) -> dict[str, None]:
    """The other of steps and minutes, where one alone is given."""
    if {STEPS, MINUTES} <= given.keys():
        return {}
    if given.get(MINUTES) is not None:
        return {STEPS: None}
    return {MINUTES: None} if given.get(STEPS) is not None else {}


def _section(settings: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A nested part; nothing where it is missing or malformed, which parsing reports."""
    part = settings.get(name)
    return part if isinstance(part, Mapping) else {}
