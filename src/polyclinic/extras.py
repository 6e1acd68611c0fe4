"""Extras of the distribution: parts that only some users install, and the command that brings one.

The base package checks data, judges readings and reads exported files. Whatever imports a package
of an extra may fail for want of it, at any depth; the command line turns that into a sentence.
"""

from __future__ import annotations

import sys
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement

_NETWORKS = "training, and reading with a run,"
EXTRAS = {
    "train": dict.fromkeys(("torch", "torchvision", "timm", "lightning_fabric"), _NETWORKS),
    "openvino": {"openvino": "reading with OpenVINO"},
    "export": dict.fromkeys(("onnx", "onnxscript"), "writing exported files"),
    "ray": {"ray": "work on a Ray cluster"},
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
    """The command that brings an extra, by the names of its packages: it works in a clone too."""
    wanted = " ".join(f"'{one.name}{one.specifier}'" for one in requirements_of(extra))
    return f"run {Path(sys.executable).name} -m pip install {wanted} (polyclinic[{extra}])"


def requirements_of(extra: str) -> list[Requirement]:
    """What the base package asks for (extra: empty), or what an extra adds to it."""
    lines = [Requirement(line) for line in requires("polyclinic") or []]
    base = [one for one in lines if _asked(one, "")]
    return base if not extra else [one for one in lines if one not in base and _asked(one, extra)]


def _asked(needed: Requirement, extra: str) -> bool:
    return needed.marker is None or needed.marker.evaluate({"extra": extra})
