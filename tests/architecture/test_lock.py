"""requirements.lock: names, versions and hashes, for everything that pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.places import ROOT

LINE = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[A-Za-z0-9.]+) \\"
    r"|    --hash=sha256:[0-9a-f]{64}( \\)?"
)
LINES = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
WANTED = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]


def test_it_holds_nothing_but_names_versions_and_hashes() -> None:
    assert LINES
    assert [line for line in LINES if not LINE.fullmatch(line)] == []


def test_each_package_is_pinned_once() -> None:
    names = [name for name, _ in _pins()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("wanted", [*WANTED, "setuptools>=77"])
def test_it_answers_what_the_project_asks_for(wanted: str) -> None:
    requirement = Requirement(wanted)
    version = dict(_pins())[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version, prereleases=True)


def _pins() -> list[tuple[str, str]]:
    matches = [match for line in LINES if (match := LINE.fullmatch(line))]
    return [(canonicalize_name(m["name"]), m["version"]) for m in matches if m["name"]]
