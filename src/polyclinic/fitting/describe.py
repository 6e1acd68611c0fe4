"""What stands beside the weights of a run."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from polyclinic.data import Cohort
from polyclinic.data.taught import NotTaught
from polyclinic.reading.reading import NOT_READ
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
        "provenance": provenance_of(recipe, cohort, _not_read(assembly)),
    }


def _not_read(assembly: Assembly) -> NotTaught:
    """What the training part could not teach; regions without a mask are not read at all."""
    missing = dict(assembly.not_read)
    if "segments" in assembly.network.tasks and "masks" in missing:
        missing["classes"] = [*missing.get("classes", ()), *missing.pop("masks")]
    return missing


def provenance_of(recipe: Recipe[Any], cohort: Cohort, not_read: NotTaught) -> dict[str, Any]:
    """What is written into every reading.

    Args:
        recipe: what was trained.
        cohort: the data set.
        not_read: names that its training part could not teach.
    """
    missing = {NOT_READ: dict(not_read)} if not_read else {}
    return missing | {
        "recipe": recipe.name,
        "source": recipe.source,
        "data": cohort.name,
        "data_digest": cohort.digest(),
        "trained": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in PACKAGES},
    }
