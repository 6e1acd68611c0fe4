"""The floors: who may import whom, and who must do without torch."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.places import ROOT, SOURCE, packages

# Auditing data, computing figures and showing help are quick and need no deep learning.
WITHOUT_TORCH = [
    "polyclinic",
    "polyclinic.errors",
    "polyclinic.config",
    "polyclinic.sample",
    "polyclinic.schema",
    "polyclinic.geometry",
    "polyclinic.reading",
    "polyclinic.data",
    "polyclinic.phantoms",
    "polyclinic.metrics",
    "polyclinic.measure",
    "polyclinic.report",
    "polyclinic.cli.app",
]


def test_modules_import_downwards_only() -> None:
    done = _lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


def test_an_import_upwards_is_noticed(tmp_path: Path) -> None:
    """The contract itself: a floor that imports a higher one breaks it."""
    package = tmp_path / "polyclinic"
    for part in packages():
        if part.parent == SOURCE:
            (package / part.name).mkdir(parents=True)
            (package / part.name / "__init__.py").touch()
    for module in (path.stem for path in SOURCE.glob("*.py") if path.stem != "__main__"):
        (package / f"{module}.py").touch()
    (package / "data" / "__init__.py").write_text("import polyclinic.training\n")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    done = _lint_imports(tmp_path)
    assert done.returncode == 1
    assert "polyclinic.data -> polyclinic.training" in done.stdout


@pytest.mark.parametrize("module", WITHOUT_TORCH)
def test_torch_is_not_imported(module: str) -> None:
    script = f"import sys, {module}; sys.exit('torch' in sys.modules and 'torch was imported')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contract of a folder's pyproject.toml; its own `polyclinic` comes first."""
    script = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", script, "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )
