"""Rules of the house that no other tool checks."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.places import SOURCE, TESTS, modules, packages, short, texts

LONGEST = 300
VAGUE = re.compile(
    r"(^|_)(utils?|helpers?|common|misc|stuff|various|general|shared|tools?|lib|base|core"
    r"|manager)($|_)|\d$|^(new|old|temp|tmp|final)_"
)
# A path that only one person's machine has. URLs and relative paths are no matter.
MACHINE_PATH = re.compile(r"(?<![\w.:/~$}*-])/(?:root|home|Users|work|workspace)/[\w.-]+")
PICKLERS = {"pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}


def test_source_files_stay_short() -> None:
    lengths = {short(file): len(file.read_text("utf-8").splitlines()) for file in modules()}
    assert lengths
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def test_names_say_what_is_inside() -> None:
    named = [*modules(), *packages(), *TESTS.rglob("*.py")]
    assert [short(path) for path in named if VAGUE.search(path.stem)] == []


@pytest.mark.parametrize("name", ["utils", "image_utils", "helpers", "common", "base2", "new_loop"])
def test_vague_names_are_known(name: str) -> None:
    assert VAGUE.search(name)


def test_every_package_says_what_it_is() -> None:
    trees = {short(p): ast.parse((p / "__init__.py").read_text("utf-8")) for p in packages()}
    assert [name for name, tree in trees.items() if not ast.get_docstring(tree)] == []


def test_every_part_has_tests() -> None:
    parts = [part for part in packages() if part.parent == SOURCE and _has_code(part)]
    assert parts
    assert [short(p) for p in parts if not any((TESTS / p.name).rglob("test_*.py"))] == []


def test_no_text_names_a_path_of_one_machine() -> None:
    found = {name: MACHINE_PATH.findall(text) for name, text in texts()}
    assert "pyproject.toml" in found
    assert {name: paths for name, paths in found.items() if paths} == {}


@pytest.mark.parametrize("folder", ["home", "root", "work"])
def test_paths_of_one_machine_are_known(folder: str) -> None:
    assert MACHINE_PATH.search(f'open("/{folder}/someone/data.json")')
    assert not MACHINE_PATH.search(f"https://example.org/{folder}/someone")


BETWEEN_OWN_PROCESSES = (
    "training/loader.py",
    "training/workers.py",
    "runtime/predictors/torch_predictor.py",
)
"""What goes in memory between a process and those that it started is no file."""


def test_nothing_is_pickled() -> None:
    """docs/adr/0004: a file of ours or of anyone else never runs code when it is opened."""
    found = {short(file): _pickling(file.read_text("utf-8")) for file in modules()}
    assert all(found.pop(f"src/polyclinic/{name}") for name in BETWEEN_OWN_PROCESSES)
    assert {name: sins for name, sins in found.items() if sins} == {}


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from joblib import dump",
        "torch.save(weights, file)",
        "torch.load(file, map_location='cpu')",
        "numpy.load(file, allow_pickle=True)",
    ],
)
def test_pickling_is_known(line: str) -> None:
    assert _pickling(line)


def _pickling(source: str) -> list[str]:
    return [ast.unparse(node) for node in ast.walk(ast.parse(source)) if _pickles(node)]


def _pickles(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.split(".")[0] in PICKLERS for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").split(".")[0] in PICKLERS
    if not isinstance(node, ast.Call):
        return False
    called, options = ast.unparse(node.func), [ast.unparse(word) for word in node.keywords]
    unsafe_load = called == "torch.load" and "weights_only=True" not in options
    return called == "torch.save" or unsafe_load or "allow_pickle=True" in options


def _has_code(package: Path) -> bool:
    return any(file.name != "__init__.py" for file in package.rglob("*.py"))
