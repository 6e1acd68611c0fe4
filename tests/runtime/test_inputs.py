import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from polyclinic.errors import DataError
from polyclinic.runtime.inputs import samples_from


@pytest.fixture
def folder(tmp_path):
    for name in ("b.png", "a.png"):
        Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(tmp_path / name)
    (tmp_path / "table.csv").write_text("image,patient_id,spacing_mm\nb.png,p1,0.2\na.png,p2,\n")
    return tmp_path


def test_files_folders_and_tables(folder):
    assert [one.image_id for one in samples_from([folder])] == ["a.png", "b.png"]
    assert [one.image_id for one in samples_from([folder / "b.png"])] == ["b.png"]
    named = samples_from([folder / "table.csv"])
    assert [one.patient_id for one in named] == ["p1", "p2"]


def test_samples_of_several_inputs_are_one_list(folder):
    samples = samples_from([folder, folder / "table.csv", folder / "a.png"])
    names = ["a.png", "b.png", "b.png", "a.png", "a.png"]
    assert len(samples) == 5
    assert [Path(one.file).name for one in samples] == names
    assert [Path(samples[place].file).name for place in range(-5, 5)] == names * 2
    assert [Path(one.file).name for one in samples[1:4]] == names[1:4]
    for place in (5, -6):
        with pytest.raises(IndexError):
            samples[place]


def test_files_are_not_opened(folder):
    samples = samples_from([folder])
    (folder / "a.png").unlink()
    assert samples[0].file == str(folder / "a.png")


def test_what_a_read_wrote_is_no_input(folder, monkeypatch):
    for place in ("out/overlays/a.png", "out/restored/a.png", "out/mine/a.png"):
        (folder / place).parent.mkdir(parents=True)
        (folder / place).write_bytes((folder / "a.png").read_bytes())
    monkeypatch.chdir(folder)
    for here in (folder, Path()):
        names = [one.image_id for one in samples_from([here], Path("out"))]
        assert names == ["a.png", "b.png", "out/mine/a.png"]
    asked = samples_from([folder / "out" / "restored"], folder / "out")
    assert [one.image_id for one in asked] == ["a.png"]
    assert len(samples_from([folder])) == 5


def test_what_is_not_there_is_refused(tmp_path):
    for path in (tmp_path / "nothing.png", tmp_path):
        with pytest.raises(DataError):
            samples_from([path])


def test_a_name_that_outputs_can_not_hold_is_refused(folder):
    (folder / "a.png").rename(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.png"))
    with pytest.raises(DataError, match="UTF-8"):
        samples_from([folder])
