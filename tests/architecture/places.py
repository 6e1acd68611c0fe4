"""Where the parts of the repository lie, and which files belong to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "polyclinic"
TESTS = ROOT / "tests"

# What .gitignore names: made by tools, never part of the project.
_MADE = {".git", ".venv", ".hypothesis", "__pycache__", "build", "dist", "runs"}
_MADE_ENDINGS = ("_cache", ".egg-info")


def modules() -> list[Path]:
    """Every Python file of the package."""
    return sorted(SOURCE.rglob("*.py"))


def packages() -> list[Path]:
    """Every folder of the package that can be imported."""
    return sorted(file.parent for file in SOURCE.rglob("__init__.py"))


def texts() -> Iterator[tuple[str, str]]:
    """Name and content of every text file of the repository."""
    for folder, inner, names in os.walk(ROOT):
        inner[:] = [name for name in inner if not _is_made(name)]
        for name in names:
            file = Path(folder) / name
            try:
                yield short(file), file.read_text("utf-8")
            except UnicodeDecodeError:
                continue


def short(path: Path) -> str:
    """A path as messages name it."""
    return path.relative_to(ROOT).as_posix()


def _is_made(name: str) -> bool:
    return name in _MADE or name.endswith(_MADE_ENDINGS)
