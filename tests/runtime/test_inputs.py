import numpy as np
import pytest
from PIL import Image

from polyclinic.errors import DataError
from polyclinic.runtime.inputs import samples_from
from polyclinic.sample import Spacing


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


def test_a_stated_scale_is_for_images_without_one(folder):
    first, second = samples_from([folder / "table.csv"], Spacing.square(0.5, "assumed"))
    assert (first.spacing.row_mm, second.spacing.row_mm) == (0.2, 0.5)


def test_what_is_not_there_is_refused(tmp_path):
    for path in (tmp_path / "nothing.png", tmp_path):
        with pytest.raises(DataError):
            samples_from([path])
