from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from polyclinic.data import check_cohort, open_cohort, write_coco
from polyclinic.errors import DataError
from tests.data.dicom.made import ramp, saved

WIDTH, HEIGHT = 40, 30


def image(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (WIDTH, HEIGHT)).save(path)


def mask(path, top=4, bottom=9, mode="L"):
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.zeros((HEIGHT, WIDTH), np.uint8)
    values[top:bottom, 10:20] = 255
    Image.fromarray(values).convert(mode).save(path)


@pytest.mark.parametrize("mode", ["L", "1", "RGB", "RGBA", "P", "LA"])
def test_a_mask_a_name(tmp_path, mode):
    image(tmp_path / "images" / "a.jpg")
    image(tmp_path / "images" / "b.png")
    image(tmp_path / "images" / "c.png")
    mask(tmp_path / "masks" / "a.png", mode=mode)
    mask(tmp_path / "masks" / "b.png", 0, 0, mode=mode)
    (tmp_path / "masks" / "notes.txt").write_text("none")
    cohort = open_cohort(tmp_path)
    assert cohort.classes == ("object",)
    drawn, empty, unseen = cohort.samples
    (instance,) = drawn.instances
    assert instance.mask.area == 50
    assert instance.box.tolist() == [9.5, 3.5, 19.5, 8.5]
    assert instance.category == 0
    assert empty.instances == ()
    assert unseen.instances is None
    (finding,) = cohort.skipped
    assert "1 of 3 images have no mask: c.png" in str(finding)


def test_dicom_names_without_suffix(tmp_path):
    (tmp_path / "images").mkdir()
    for name in ("1.2.40", "1.2.41"):
        saved(tmp_path / "images" / name, ramp(shape=(HEIGHT, WIDTH)))
        mask(tmp_path / "masks" / f"{name}.png")
    cohort = open_cohort(tmp_path)
    assert [one.instances[0].mask.area for one in cohort.samples] == [50, 50]
    assert cohort.samples[0].patient_id is not None


def test_a_folder_a_class(tmp_path):
    image(tmp_path / "images" / "a.png")
    mask(tmp_path / "masks" / "disc" / "a.png", 2, 12)
    mask(tmp_path / "masks" / "cup" / "a.png", 4, 9)
    cohort = open_cohort(tmp_path)
    assert cohort.classes == ("cup", "disc")
    areas = {cohort.classes[one.category]: one.mask.area for one in cohort.samples[0].instances}
    assert areas == {"cup": 50, "disc": 100}


def test_a_folder_a_rater_read_back_from_coco(tmp_path):
    image(tmp_path / "images" / "a.png")
    image(tmp_path / "images" / "b.png")
    mask(tmp_path / "raters" / "EM" / "a.png")
    mask(tmp_path / "raters" / "FK" / "a.png", 5)
    cohort = open_cohort(tmp_path)
    write_coco(cohort, tmp_path / "elsewhere" / "set.json")
    again = open_cohort(tmp_path / "elsewhere" / "set.json")
    for one in (cohort, again):
        first, second = one.samples
        assert [(drawn.rater, drawn.mask.area) for drawn in first.instances] == [
            ("EM", 50),
            ("FK", 40),
        ]
        assert second.instances is None


def test_masks_that_can_not_be_used_are_named(tmp_path):
    for name in ("a.png", "b.png", "c.png", "d.png", "d.jpg"):
        image(tmp_path / "images" / name)
    Image.new("L", (20, 10)).save(_in(tmp_path / "masks" / "a.png"))
    (tmp_path / "masks" / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    Image.fromarray(np.arange(1200, dtype=np.uint8).reshape(30, 40) % 7).save(
        tmp_path / "masks" / "c.png"
    )
    mask(tmp_path / "masks" / "d.png")
    mask(tmp_path / "masks" / "lost.png")
    cohort = open_cohort(tmp_path)
    said = " | ".join(map(str, cohort.skipped))
    for words in (
        "a.png has 20 x 10 pixels; expected 40 x 30",
        "b.png is damaged",
        "c.png holds 7 values",
        "d.png: belongs to 2 images",
        "lost.png: belongs to no image",
    ):
        assert words in said
    assert [one.instances is None for one in cohort.samples] == [True, True, False, True, True]
    assert set(cohort.skipped) <= set(check_cohort(tmp_path).findings)


def test_a_class_that_can_not_be_read_leaves_no_other(tmp_path):
    for name in ("a.png", "b.png"):
        image(tmp_path / "images" / name)
        mask(tmp_path / "masks" / "disc" / name)
    mask(tmp_path / "masks" / "cup" / "a.png")
    (tmp_path / "masks" / "cup" / "b.png").write_bytes(b"none")
    first, second = open_cohort(tmp_path).samples
    assert len(first.instances) == 2
    assert second.instances is None


def test_broken_images_are_refused_and_left_out_by_the_check(tmp_path):
    image(tmp_path / "images" / "a.png")
    (tmp_path / "images" / "b.png").write_text("none")
    mask(tmp_path / "masks" / "a.png")
    with pytest.raises(DataError, match=r"b\.png: is a text file"):
        open_cohort(tmp_path)
    report = check_cohort(tmp_path)
    assert report.count("error") == 1
    assert report.tables["data set"]["masks"]["count"] == 1


def test_folders_without_images_are_refused(tmp_path):
    (tmp_path / "images").mkdir()
    mask(tmp_path / "masks" / "a.png")
    with pytest.raises(DataError, match="holds no images"):
        open_cohort(tmp_path)


def test_the_real_heads(shared_data):
    cohort = open_cohort(shared_data / "hc18_fetal_head")
    assert cohort.facts().counts["masks"] == len(cohort) == 170
    assert not cohort.skipped


def _in(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
