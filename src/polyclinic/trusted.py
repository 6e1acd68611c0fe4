"""Trust: which modules a stored file may have imported.

Runs and exported files name classes by their modules, and to import a module is to run it. A file
may come from a stranger, so it may only name what somebody installed: polyclinic itself, and
packages that offer recipes as entry points of an installed distribution. Everything else has to be
named by the user. The working folder is never searched for what a file names unasked.
"""

from __future__ import annotations

import importlib
import site
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint, distributions
from pathlib import Path
from types import ModuleType

from polyclinic.errors import RunError

ENTRY_POINTS = "polyclinic.recipes"
"""Group of entry points under which packages offer recipes."""

MOVED = {
    "polyclinic.decoding.labels": "polyclinic.decoding.whole_image",
    "polyclinic.decoding.points": "polyclinic.decoding.landmarks",
    "polyclinic.decoding.quality": "polyclinic.decoding.whole_image",
    "polyclinic.decoding.restored": "polyclinic.decoding.whole_image",
    "polyclinic.decoding.values": "polyclinic.decoding.whole_image",
    "polyclinic.measure.knee": "polyclinic.systems.knee.measure.measurer",
    "polyclinic.measure.nailfold": "polyclinic.systems.nailfold.measure.measurer",
    "polyclinic.recipes.kidney": "polyclinic.systems.kidney.recipe",
    "polyclinic.recipes.knee": "polyclinic.systems.knee.recipe",
    "polyclinic.recipes.nailfold": "polyclinic.systems.nailfold.recipe",
}
"""Where modules are today that files of earlier versions name."""

_trusted: set[str] = set()


def trust(*modules: str) -> None:
    """Let stored files name these modules and those inside them, until this process ends.

    Args:
        modules: dotted names, such as `my_recipes` or `my_recipes.hands`.
    """
    _trusted.update(one.strip() for one in modules if one.strip())


def trusted_modules() -> tuple[str, ...]:
    """What was trusted so far, for other processes that open the same files."""
    return tuple(sorted(_trusted))


def installed_recipes() -> dict[str, EntryPoint]:
    """Recipes of installed distributions, by name.

    Installed is what a package manager wrote into a site folder of this Python. A distribution
    that is merely found on `sys.path`, such as one that lies in the working folder, is not.
    """
    folders = sorted(_site_folders())
    return {
        point.name: point
        for one in distributions(path=folders)
        for point in one.entry_points
        if point.group == ENTRY_POINTS
    }


def import_stored(module: str, *, where: str | None = None) -> ModuleType:
    """Import a module that a stored file names.

    Args:
        module: its dotted name.
        where: the file, for messages.

    Raises:
        RunError: it is neither trusted nor of an installed package.
        ImportError: it is not there.
    """
    module = MOVED.get(module, module)
    if any(_inside(module, one) for one in _trusted):
        return import_asked(module)
    packages = {"polyclinic"} | {
        point.module.partition(".")[0] for point in installed_recipes().values()
    }
    if not any(_inside(module, one) for one in packages):
        raise RunError(
            f"names the module {module!r}, which is not of an installed package",
            expected="recipes of polyclinic, or of an installed package with an entry point in "
            f"the group {ENTRY_POINTS}",
            where=where,
            hint=f"its code would run: if you know who wrote it, give --trust {module} "
            f"(in Python, load(..., trust=({module!r},)))",
        )
    with _installed_first():
        return importlib.import_module(module)


def import_asked(module: str) -> ModuleType:
    """Import a module that the user named, also from the working folder.

    Raises:
        ImportError: it is not there.
    """
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module(module)


def _inside(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _site_folders() -> set[str]:
    """Where package managers install."""
    paths = sysconfig.get_paths()
    found = {paths["purelib"], paths["platlib"], *site.getsitepackages()}
    if site.ENABLE_USER_SITE:
        found.add(site.getusersitepackages())
    return {str(Path(one).resolve()) for one in found}


@contextmanager
def _installed_first() -> Iterator[None]:
    """Search Python's own folders first and the working folder not at all: names hide names."""
    before, here = list(sys.path), Path.cwd().resolve()
    paths = sysconfig.get_paths()
    own = _site_folders() | {paths["stdlib"], paths["platstdlib"]}
    others = [one for one in before if Path(one).resolve() != here]
    sys.path[:] = sorted(others, key=lambda one: one not in own and not _is_python(one, paths))
    try:
        yield
    finally:
        sys.path[:] = before


def _is_python(path: str, paths: dict[str, str]) -> bool:
    """Whether a place of `sys.path` is of the standard library: its folder, parts or archive."""
    stdlib = Path(paths["stdlib"])
    return Path(path).is_relative_to(stdlib) or Path(path).suffix == ".zip"
