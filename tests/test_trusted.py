"""What a stored file names is not imported unless it is installed or trusted."""

from __future__ import annotations

import importlib
import subprocess
import sys
import sysconfig

import pytest

from polyclinic import trusted
from polyclinic.errors import RunError
from polyclinic.recipes.find import find_recipe, find_stored_recipe
from polyclinic.runs.opening import load
from polyclinic.systems.nailfold.phantoms import NailfoldPhantomConfig, make_cohort
from polyclinic.trusted import import_stored, trust

CODE = "from pathlib import Path\nPath({mark!r}).touch()\n"
RECIPE = "from polyclinic.recipes.diagnose import Diagnose as Mine\n"


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    """A working folder with a module whose import leaves a mark; gives name and mark."""
    monkeypatch.setattr(trusted, "_trusted", set())
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.chdir(tmp_path)
    name, mark = f"stranger_{abs(hash(str(tmp_path)))}", tmp_path / "ran"
    (tmp_path / f"{name}.py").write_text(CODE.format(mark=str(mark)) + RECIPE)
    yield name, mark
    sys.modules.pop(name, None)


@pytest.fixture(scope="session")
def phantoms(tmp_path_factory):
    folder = tmp_path_factory.mktemp("phantoms")
    config = NailfoldPhantomConfig(size=(96, 128), um_per_px=6.8)
    return make_cohort(folder, patients=2, images_per_patient=1, seed=3, config=config)


def a_run(folder, reference):
    folder.mkdir()
    (folder / "config.yaml").write_text(f"recipe: {reference}\ndata: {{patient: auto}}\n")
    return folder


def test_a_run_does_not_import_from_the_working_folder(stranger, tmp_path):
    name, mark = stranger
    run = a_run(tmp_path / "run", f"{name}:Mine")
    with pytest.raises(RunError, match=f"--trust {name}"):
        load(run)
    assert not mark.exists()


def test_a_trusted_module_is_imported(stranger, tmp_path):
    name, mark = stranger
    run = a_run(tmp_path / "run", f"{name}:Mine")
    with pytest.raises(RunError, match="is missing"):  # the recipe was found; there are no weights
        load(run, trust=(name,))
    assert mark.exists()


def test_what_the_user_names_is_trusted(stranger):
    name, _ = stranger
    find_recipe(f"{name}:Mine")
    assert find_stored_recipe(f"{name}:Mine", "config.yaml").name == "diagnose"


@pytest.mark.parametrize("module", ["antigravity", "numpy", "polyclinic_evil", "os", ".tests"])
def test_installed_is_not_enough_where_no_recipes_are_offered(stranger, module):
    with pytest.raises(RunError, match="is not of an installed package"):
        import_stored(module)


def test_an_entry_point_of_the_working_folder_is_not_installed(stranger, tmp_path):
    name, mark = stranger
    info = tmp_path / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[polyclinic.recipes]\nmine = {name}:Mine\n")
    for reference in ("mine", f"{name}:Mine"):
        with pytest.raises(Exception, match=r"no recipe is named|not of an installed"):
            find_stored_recipe(reference, "config.yaml")
    assert not mark.exists()


def test_an_installed_package_is_not_hidden_by_the_working_folder(stranger, tmp_path, monkeypatch):
    name, mark = stranger
    site = tmp_path / "site"
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (site / f"{name}.py").write_text(RECIPE)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[polyclinic.recipes]\nmine = {name}:Mine\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    paths = sysconfig.get_paths() | {"purelib": str(site)}
    monkeypatch.setattr(sysconfig, "get_paths", lambda: paths)
    assert find_stored_recipe("mine", "config.yaml").name == "diagnose"
    assert find_stored_recipe(f"{name}:Mine", "config.yaml").name == "diagnose"
    assert not mark.exists()


def test_trust_covers_what_is_inside_and_nothing_beside(stranger):
    trust("tests.recipes.toy")
    assert import_stored("tests.recipes.toy").Toy
    with pytest.raises(RunError, match=r"--trust tests\.recipes\.toy_staged"):
        import_stored("tests.recipes.toy_staged")


@pytest.mark.parametrize("verb", ["read", "evaluate", "calibrate", "export"])
def test_verbs_refuse_a_strangers_run_without_running_it(stranger, tmp_path, verb, phantoms):
    name, mark = stranger
    run = a_run(tmp_path / "run", f"{name}:Mine")
    rest = {
        "read": [str(phantoms.parent), "--out", "out"],
        "evaluate": ["--data", str(phantoms)],
        "calibrate": ["--data", str(phantoms)],
        "export": ["--to", "onnx"],
    }[verb]
    from polyclinic.cli.app import main

    with pytest.raises(SystemExit) as left:
        main([verb, str(run), *rest])
    assert left.value.code not in (0, 1)
    assert not mark.exists()


def test_no_code_runs_in_a_fresh_process_started_in_the_folder(stranger, tmp_path, phantoms):
    name, mark = stranger
    run = a_run(tmp_path / "run", f"{name}:Mine")
    command = [sys.executable, "-m", "polyclinic", "read", str(run), str(phantoms.parent)]
    command += ["--out", "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert f"--trust {name}" in " ".join(done.stderr.split())
    assert not mark.exists()


def test_modules_that_moved_are_found_under_their_old_names():
    for old, new in trusted.MOVED.items():
        assert import_stored(old).__name__ == new
        with pytest.raises(ImportError):
            importlib.import_module(old)
