"""How far each library's annotations lie from what was painted under them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from bench.augmentation_speed_library import EXACTNESS, TRAINING, Library, Transforms
from bench.augmentation_speed_scenes import errors, paint, sides

from polyclinic.sample import Sample

Made = Callable[[Transforms, float, int], Library]
"""A library with transforms, its origin of landmarks, and a seed."""

ORIGINS = {"pixel": 0.0, "corner": 0.5}
KINDS = ("landmark", "mask centre", "mask edge", "box")
VIEWS = 6


def exactness(libraries: Sequence[Made]) -> dict[str, Any]:
    """Errors by library, origin of its landmarks, and transform; the better origin by name."""
    found: dict[str, Any] = {}
    for made in libraries:
        by_origin = {
            origin: {name: missed(made, one, value) for name, one in EXACTNESS.items()}
            for origin, value in ORIGINS.items()
        }
        best = min(by_origin, key=lambda origin: worst_landmark(by_origin[origin]))
        found[made(TRAINING, 0.0, 0).name] = {"best_origin": best, **by_origin}
    return found


def missed(made: Made, transforms: Transforms, origin: float) -> dict[str, Any]:
    """Median and largest errors over views of painted images."""
    library = made(transforms, origin, 0)
    views = [library.view(library.augment(library.take(painted(key)))) for key in range(VIEWS)]
    all_errors = [errors(view) for view in views]
    figures: dict[str, Any] = {}
    for kind in KINDS:
        values = np.concatenate([one[kind] for one in all_errors])
        figures[kind] = {
            "median": round(float(np.median(values)), 4),
            "most": round(float(values.max()), 4),
            "number": len(values),
        }
    if transforms == EXACTNESS["mirror"]:
        right = np.concatenate([sides(view) for view in views])
        figures["sides that keep their names"] = round(float(right.mean()), 4)
    return figures


@cache
def painted(key: int) -> Sample:
    return paint(np.random.default_rng(key))


def worst_landmark(by_transform: dict[str, Any]) -> float:
    return max(float(one["landmark"]["most"]) for one in by_transform.values())
