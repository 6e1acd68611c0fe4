"""What only some users install: the base package does without it, and says what is missing."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest
from packaging.requirements import Requirement

from polyclinic.cli.failures import failure_of
from polyclinic.extras import EXTRAS, extra_of, missing_extra
from polyclinic.runtime.export.write import export
from tests.architecture.places import ROOT
from tests.runtime.exported.readers import KINDS

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
OPTIONAL = PROJECT["optional-dependencies"]
BLOCKED = [module for modules in EXTRAS.values() for module in modules]
WITHOUT = (
    f"import sys; sys.modules.update(dict.fromkeys({BLOCKED!r}));"
    "from polyclinic.cli.app import main; main(sys.argv[1:])"
)


def without_extras(*words):
    """Run the command line where no module of an extra can be imported."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, *map(str, words)], capture_output=True, text=True
    )


@pytest.mark.parametrize("extra", EXTRAS)
def test_extras_bring_what_they_say(extra):
    names = {Requirement(one).name.replace("-", "_") for one in OPTIONAL[extra]}
    assert names == EXTRAS[extra].keys()
    assert set(OPTIONAL[extra]) <= set(OPTIONAL["all"])
    assert set(OPTIONAL[extra]) <= set(OPTIONAL["dev"])
    assert not set(OPTIONAL[extra]) & set(PROJECT["dependencies"])


def test_an_import_that_fails_names_its_extra():
    error = ModuleNotFoundError("No module named 'timm.layers'", name="timm.layers")
    assert extra_of("timm.layers") == "train"
    assert "polyclinic[train]" in failure_of(error, ["fit"]).message
    assert failure_of(error, ["fit"]).code == 2
    assert missing_extra(ModuleNotFoundError("x", name="another")) is None
    assert missing_extra(ValueError("torch")) is None


@pytest.mark.parametrize(
    ("words", "extra"),
    [(("recipes", "--show", "nailfold"), "train"), (("demo", "--out", "OUT"), "train")],
)
def test_a_verb_says_which_extra_it_lacks(tmp_path, words, extra):
    done = without_extras(*(str(tmp_path / "run") if one == "OUT" else one for one in words))
    assert done.returncode == 2, done.stderr
    assert f"polyclinic[{extra}]" in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr


def test_an_exported_file_is_read_without_any_extra(tmp_path):
    kind = next(one for one in KINDS if one.name == "diagnose")
    path = tmp_path / "reader.polyclinic"
    export(kind.make(), path, to="onnx")
    import cv2

    picture = tmp_path / "one.png"
    cv2.imwrite(str(picture), kind.samples[0].image[..., ::-1])
    done = without_extras("read", path, picture, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "readings.json").is_file()


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("extra", ["", "[train]"])
def test_a_wheel_is_installed_into_a_fresh_environment(tmp_path, extra):
    """The base reads and checks; with `train` a recipe is found."""
    wheel_of = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    built = subprocess.run(
        [*wheel_of, "-w", str(tmp_path), str(ROOT)], capture_output=True, text=True
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "fresh")], check=True)
    python = tmp_path / "fresh" / "bin" / "python"
    done = subprocess.run(
        [python, "-m", "pip", "install", "-q", f"{wheel}{extra}"], capture_output=True, text=True
    )
    if done.returncode and "No matching distribution" in done.stderr:
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr
    shown = subprocess.run(
        [python, "-m", "polyclinic", "recipes", "--show", "nailfold"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert (shown.returncode == 0) is bool(extra), shown.stderr
    doctor = subprocess.run(
        [python, "-m", "polyclinic", "doctor"], capture_output=True, text=True, cwd=tmp_path
    )
    assert doctor.returncode == 0, doctor.stdout
