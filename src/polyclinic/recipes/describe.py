"""What stands beside the weights of a run."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from polyclinic.data import Cohort
from polyclinic.recipes.assemble import Assembly
from polyclinic.recipes.recipe import Recipe

PACKAGES = ("polyclinic", "torch", "torchvision", "timm", "numpy", "opencv-python-headless")
UNDECIDED = 0.5
"""Score from which on an instance is reported, until validation says better."""


def describe_model(recipe: Recipe[Any], cohort: Cohort, assembly: Assembly) -> dict[str, Any]:
    """What is needed to load the model, and where it came from."""
    return {
        "recipe": recipe.name,
        "facts": assembly.facts.to_json(),
        "tasks": list(assembly.network.tasks),
        "left_out": list(assembly.left_out),
        "accept": UNDECIDED,
        "parameters": sum(p.numel() for p in assembly.network.parameters()),
        "grey": cohort.grey.to_json(),
        "provenance": provenance_of(recipe, cohort),
    }


def provenance_of(recipe: Recipe[Any], cohort: Cohort) -> dict[str, Any]:
    """What is written into every reading."""
    return {
        "recipe": recipe.name,
        "source": recipe.source,
        "data": cohort.name,
        "data_digest": cohort.digest(),
        "trained": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in PACKAGES},
    }
