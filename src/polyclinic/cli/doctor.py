"""`polyclinic doctor`: what is installed, what is missing, what mends it."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import typer
from packaging.requirements import Requirement
from rich.console import Console
from rich.table import Table

from polyclinic.cli.console import make_console
from polyclinic.console import styled
from polyclinic.extras import EXTRAS, install, requirements_of

ENOUGH_DISK_GB = 2


def doctor() -> None:
    """Say what is installed, what is missing and the command that mends it."""
    console = make_console()
    console.print(
        f"polyclinic {version('polyclinic')}, Python {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    )
    faults = _packages(console)
    faults += _operators(console)
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    if free < ENOUGH_DISK_GB:
        faults.append(f"only {free:.1f} GB of disk are free here; make room for runs")
    for fault in faults:
        console.print(styled(("!", "bold red"), f" {fault}"))
    if faults:
        raise typer.Exit(1)
    console.print(styled(("Everything that polyclinic needs is here.", "green")))


def _packages(console: Console) -> list[str]:
    """What the base package needs, then each extra; an extra that is not there is no fault."""
    table, faults = Table(box=None, pad_edge=False), []
    for heading in ("package", "needed", "installed", "for"):
        table.add_column(heading)
    for extra in ("", *EXTRAS):
        for needed in requirements_of(extra):
            found = _installed(needed)
            fits = found is not None and needed.specifier.contains(found, prereleases=True)
            fault = not fits and (found is not None or not extra)
            shown = found or ("missing" if not extra else "not installed")
            row = styled((shown, "red")) if fault else shown
            table.add_row(needed.name, str(needed.specifier), row, extra or "everything")
            if fault:
                faults.append(
                    f"{needed.name} {shown}: run {Path(sys.executable).name} -m pip install "
                    f"'{needed.name}{needed.specifier}'"
                )
    console.print(table)
    for extra in EXTRAS:
        if any(_installed(one) is None for one in requirements_of(extra)):
            what = next(iter(EXTRAS[extra].values())).rstrip(",")
            console.print(f"for {what}: {install(extra)}")
    return faults


def _installed(needed: Requirement) -> str | None:
    try:
        return version(needed.name)
    except PackageNotFoundError:
        return None


def _operators(console: Console) -> list[str]:
    """Whether torch, its detection operators and an accelerator work together."""
    if any(_installed(one) is None for one in requirements_of("train")):
        return []
    try:
        import torch
        import torchvision
    except (ImportError, RuntimeError) as error:
        return [f"torch and torchvision don't load together ({error}); run make install"]
    boxes = torch.tensor([[0.0, 0.0, 1.0, 1.0]])
    try:
        torchvision.ops.nms(boxes, torch.ones(1), 0.5)
    except (RuntimeError, NotImplementedError) as error:
        return [f"torchvision's operators don't work ({error}); run make install"]
    device = (
        torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU: the CPU is used"
    )
    console.print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {device}")
    return []
