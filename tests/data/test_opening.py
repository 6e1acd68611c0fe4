from __future__ import annotations

import json

import pytest
from PIL import Image

from polyclinic.data import open_cohort
from polyclinic.errors import DataError, ImageError


def test_a_folder_of_images_is_not_annotated(tmp_path):
    (tmp_path / "deeper").mkdir()
    Image.new("L", (30, 20)).save(tmp_path / "b.png")
    Image.new("L", (20, 30)).save(tmp_path / "deeper" / "a.JPG")
    (tmp_path / "notes.txt").write_text("none")
    (tmp_path / ".hidden.png").write_text("none")
    cohort = open_cohort(tmp_path)
    assert [sample.image_id for sample in cohort.samples] == ["b.png", "deeper/a.JPG"]
    assert [sample.size for sample in cohort.samples] == [(20, 30), (30, 20)]
    assert all(sample.instances is None for sample in cohort.samples)
    assert not cohort.facts().kinds
    assert cohort.load(1).pixels.shape == (30, 20, 3)


def test_a_folder_with_one_coco_file_is_that_file(tmp_path):
    Image.new("L", (30, 20)).save(tmp_path / "b.png")
    (tmp_path / "other.json").write_text("{}")
    document = {"images": [{"id": 1, "file_name": "b.png"}]}
    (tmp_path / "set.json").write_text(json.dumps(document))
    assert open_cohort(tmp_path).name == "set.json"
    (tmp_path / "two.json").write_text(json.dumps(document))
    with pytest.raises(DataError, match="2 COCO files"):
        open_cohort(tmp_path)


def test_nothing_there(tmp_path):
    with pytest.raises(DataError, match="neither annotations nor images"):
        open_cohort(tmp_path)
    with pytest.raises(DataError, match="no such file"):
        open_cohort(tmp_path / "none")


def test_an_image_of_another_size_than_annotated_is_refused_when_loaded(tmp_path):
    Image.new("L", (30, 20)).save(tmp_path / "b.png")
    rows = [{"id": 1, "file_name": "b.png", "width": 20, "height": 30}]
    document = {
        "images": rows,
        "categories": [{"id": 1, "name": "cell"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 5, 5]}],
    }
    (tmp_path / "set.json").write_text(json.dumps(document))
    with pytest.raises(DataError, match=r"b\.png"):
        open_cohort(tmp_path).load(0)
    # That nothing was drawn holds at any size.
    (tmp_path / "set.json").write_text(json.dumps(document | {"annotations": []}))
    loaded = open_cohort(tmp_path).load(0)
    assert (loaded.size, loaded.instances) == ((20, 30), ())


def test_a_folder_with_a_broken_image_names_it(tmp_path):
    (tmp_path / "b.png").write_text("hello")
    with pytest.raises(ImageError, match=r"b\.png"):
        open_cohort(tmp_path)
