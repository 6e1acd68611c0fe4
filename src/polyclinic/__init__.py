"""Multi-task readers of medical images: train, check and run them.

>>> import polyclinic
>>> reader = polyclinic.load("runs/demo")  # doctest: +SKIP
>>> reading = reader.read("finger.jpg")  # doctest: +SKIP
>>> reading.to_frame()  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# ONNX Runtime stores an id of the device when it is imported and reports its use to its makers from
# then on, also on Linux since 1.31. Whatever of polyclinic comes to import it, this was before.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

if TYPE_CHECKING:
    from polyclinic.data import Cohort, check_cohort, open_cohort
    from polyclinic.errors import PolyclinicError
    from polyclinic.evaluation.evaluate import evaluate
    from polyclinic.fitting.fit import fit
    from polyclinic.reading import Measurement, Reading
    from polyclinic.recipes.recipe import Recipe
    from polyclinic.runs.opening import load
    from polyclinic.runtime.reader import Reader
    from polyclinic.sample import Sample, Spacing
    from polyclinic.trusted import trust

_HOMES = {
    "Cohort": "polyclinic.data",
    "Measurement": "polyclinic.reading",
    "PolyclinicError": "polyclinic.errors",
    "Reader": "polyclinic.runtime.reader",
    "Reading": "polyclinic.reading",
    "Recipe": "polyclinic.recipes.recipe",
    "Sample": "polyclinic.sample",
    "Spacing": "polyclinic.sample",
    "check_cohort": "polyclinic.data",
    "evaluate": "polyclinic.evaluation.evaluate",
    "fit": "polyclinic.fitting.fit",
    "load": "polyclinic.runs.opening",
    "open_cohort": "polyclinic.data",
    "trust": "polyclinic.trusted",
}
"""Imported on first use, so that `import polyclinic` does not wait for torch."""

__all__ = [
    "Cohort",
    "Measurement",
    "PolyclinicError",
    "Reader",
    "Reading",
    "Recipe",
    "Sample",
    "Spacing",
    "__version__",
    "check_cohort",
    "evaluate",
    "fit",
    "load",
    "open_cohort",
    "trust",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'polyclinic' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
