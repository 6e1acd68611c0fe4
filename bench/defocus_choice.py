"""Settings of classical ways, chosen on images that teach and applied to those that judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from bench.defocus_classical import Method, Setting, best_by_level, best_of, tried
from bench.defocus_fields import Pictures

from polyclinic.metrics.figure import Values


@dataclass(frozen=True, eq=False, kw_only=True)
class Choices:
    """What was chosen for each method.

    Args:
        methods: the classical ways.
        one: a setting of each for all images, by name.
        by_level: a setting of each for each level of defocus; an image must say its own.
        images: how many they were chosen on.
    """

    methods: Sequence[Method]
    one: dict[str, Setting]
    by_level: dict[str, dict[float, Setting]]
    images: int

    def restored(self, seen: Pictures) -> dict[str, Values]:
        """(N, H, W) by name, one setting for all."""
        return {
            method.name: np.stack(
                [method.apply(image, self.one[method.name]) for image in seen.images]
            )
            for method in self.methods
        }

    def restored_told(self, seen: Pictures) -> dict[str, Values]:
        """The same when each image comes with its level, which no reader knows.

        A level that was not taught has the setting of the nearest that was.
        """
        return {
            f"{method.name}, told the defocus": np.stack(
                [
                    method.apply(image, _nearest(self.by_level[method.name], float(level)))
                    for image, level in zip(seen.images, seen.levels, strict=True)
                ]
            )
            for method in self.methods
            if len(method.settings) > 1
        }

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        by_level = {
            name: {f"{level:g}": dict(setting) for level, setting in each.items()}
            for name, each in self.by_level.items()
        }
        return {
            "images": self.images,
            "by": "mean PSNR",
            "one": {name: dict(setting) for name, setting in self.one.items()},
            **({"by_level": by_level} if by_level else {}),
        }


def chosen(methods: Sequence[Method], teachers: Pictures, *, levels: bool) -> Choices:
    """The settings with the highest mean PSNR on the images that teach.

    Args:
        methods: the classical ways.
        teachers: images with partners.
        levels: whether they come at a few levels of defocus, each with a setting of its own.
    """
    one: dict[str, Setting] = {}
    by_level: dict[str, dict[float, Setting]] = {}
    for method in methods:
        found = tried(method, teachers.images, teachers.sharp)
        one[method.name] = best_of(method, found)
        if levels:
            by_level[method.name] = best_by_level(method, found, teachers.levels)
        said = f"{one[method.name]}, {found.mean(1).max():.2f} dB"
        print(f"{method.name}: {said} on {len(teachers.images)} images that teach", flush=True)
    return Choices(methods=methods, one=one, by_level=by_level, images=len(teachers.images))


def _nearest(by_level: Mapping[float, Setting], level: float) -> Setting:
    return by_level[min(by_level, key=lambda taught: abs(taught - level))]


def at_each_level(seen: Pictures, each: int, seed: int) -> Pictures:
    """Some images of each level that have a partner; the same seed draws the same."""
    rng, paired = np.random.default_rng(seed), seen.paired
    drawn = []
    for level in np.unique(seen.levels[paired]):
        there = paired[seen.levels[paired] == level]
        drawn.append(rng.choice(there, min(each, len(there)), replace=False))
    return seen.some(np.concatenate(drawn))
