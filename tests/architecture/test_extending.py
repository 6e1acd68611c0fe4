"""docs/extending.md: its code is a module, and its commands do what it says."""

from __future__ import annotations

import re
import shlex
import sys

import cv2
import numpy as np
import pytest

from polyclinic import trusted
from polyclinic.cli.app import main
from tests.architecture.places import ROOT

PAGE = (ROOT / "docs" / "extending.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def clinic(tmp_path, monkeypatch):
    """A working folder with the page's module, and images that differ in brightness."""
    monkeypatch.setattr(trusted, "_trusted", set())
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_clinic.py").write_text("\n\n".join(blocks("python")))
    (tmp_path / "images").mkdir()
    rng, rows = np.random.default_rng(0), ["image,patient_id,grey"]
    for number in range(12):
        grey = 20 + 18 * number
        noise = rng.normal(0, 8, (64, 64, 3))
        pixels = np.clip(grey + noise, 0, 255).astype(np.uint8)
        cv2.imwrite(str(tmp_path / "images" / f"{number}.png"), pixels)
        rows.append(f"images/{number}.png,p{number},{pixels.mean() / 255:.4f}")
    (tmp_path / "images.csv").write_text("\n".join(rows) + "\n")
    yield tmp_path
    sys.modules.pop("my_clinic", None)


@pytest.mark.slow
def test_the_page_works(clinic, capsys):
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    assert {one.split()[1] for one in commands} == {"fit", "evaluate", "read", "export"}
    for one in commands:
        program, *words = shlex.split(one)
        assert program == "polyclinic"
        with pytest.raises(SystemExit) as left:
            main(words)
        assert left.value.code == 0, capsys.readouterr().err
    assert "brightness_mae" in (clinic / "runs" / "mine" / "metrics.json").read_text()
    assert (clinic / "runs" / "mine.polyclinic").is_file()
