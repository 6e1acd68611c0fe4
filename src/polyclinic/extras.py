"""Extras of the distribution: parts that only some users install, and the command that brings one.

The base package checks data, judges readings and reads exported files. Whatever imports a package
of an extra may fail for want of it, at any depth; the command line turns that into a sentence.
"""

from __future__ import annotations

import sys
from pathlib import Path

EXTRAS = {
    "train": {
        "torch": "training, and reading with a run",
        "torchvision": "training, and reading with a run",
        "timm": "training, and reading with a run",
        "lightning_fabric": "training",
    },
    "openvino": {"openvino": "reading with OpenVINO"},
    "export": {"onnx": "writing exported files", "onnxscript": "writing exported files"},
    "ray": {"ray": "the engine ray"},
}
"""By extra: the modules that it brings, and what each is for."""


def extra_of(module: str) -> str | None:
    """The extra that brings a module; None where it is of no extra.

    Args:
        module: its dotted name.
    """
    top = module.partition(".")[0]
    return next((extra for extra, modules in EXTRAS.items() if top in modules), None)


def missing_extra(error: BaseException) -> str | None:
    """What to say of an import that failed for want of an extra; None where it is something else.

    Args:
        error: any exception.
    """
    if not isinstance(error, ModuleNotFoundError) or error.name is None:
        return None
    extra = extra_of(error.name)
    if extra is None:
        return None
    top = error.name.partition(".")[0]
    return f"{EXTRAS[extra][top]} needs {top}, which is not installed; {install(extra)}"


def install(extra: str) -> str:
    """The command that brings an extra."""
    return f"run {Path(sys.executable).name} -m pip install 'polyclinic[{extra}]'"
