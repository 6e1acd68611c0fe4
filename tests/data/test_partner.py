"""Sharp partners: found, loaded at the scale of their image, moved and grouped with it."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from polyclinic.data import check_cohort, open_cohort, split_cohort, write_coco
from polyclinic.data.partner import same_fields, with_sharp
from polyclinic.data.patients import group_patients
from polyclinic.errors import DataError, ImageError
from polyclinic.geometry import Homography, move_sample
from polyclinic.sample import Sample

HEIGHT, WIDTH = 24, 32


def painted(seed: int, size=(HEIGHT, WIDTH)) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*size, 3)).astype(np.uint8)


@pytest.fixture
def folder(tmp_path):
    for seed, name in enumerate(("sharp.png", "a.png", "b.png", "c.png")):
        Image.fromarray(painted(seed)).save(tmp_path / name)
    return tmp_path


def table(folder, *rows, header="image,patient_id,sharp_image"):
    path = folder / "table.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def coco(folder, **keys):
    path = folder / "set.json"
    row = {"id": 1, "file_name": "a.png", "width": WIDTH, "height": HEIGHT, **keys}
    path.write_text(json.dumps({"images": [row], "annotations": [], "categories": []}))
    return path


@pytest.mark.parametrize("header", ["sharp_image", "Sharp Image", "SHARP-IMAGE"])
def test_a_table_names_partners(folder, header):
    path = table(folder, "a.png,p,sharp.png", "b.png,q,", header=f"image,patient_id,{header}")
    cohort = open_cohort(path)
    assert not cohort.skipped
    assert cohort.samples[0].sharp_file == str(folder / "sharp.png")
    assert cohort.samples[1].sharp_file is None
    assert all(not one.labels for one in cohort.samples)
    assert (cohort.load(0).sharp == painted(0)).all()
    assert cohort.load(1).sharp is None
    assert cohort.facts().annotates("sharp")
    assert cohort.facts().counts["sharp"] == 1
    assert not cohort.subset([1]).facts().annotates("sharp")


def test_a_partner_may_lie_in_the_folder_of_images(folder):
    (folder / "images").mkdir()
    (folder / "sharp.png").rename(folder / "images" / "sharp.png")
    for path in (table(folder, "a.png,p,sharp.png"), coco(folder, sharp_file_name="sharp.png")):
        assert open_cohort(path).samples[0].sharp_file == str(folder / "images" / "sharp.png")


def test_coco_keeps_partners_and_the_digest_sees_them(folder):
    path = coco(folder, sharp_file_name="sharp.png")
    cohort = open_cohort(path)
    write_coco(cohort, folder / "again.json")
    assert json.loads((folder / "again.json").read_text()) == json.loads(path.read_text())
    write_coco(open_cohort(table(folder, "a.png,p,sharp.png")), folder / "deep" / "set.json")
    (moved,) = open_cohort(folder / "deep" / "set.json").samples
    assert (moved.file, moved.sharp_file) == (
        str(folder / "a.png"),
        str(folder / "sharp.png"),
    )
    assert open_cohort(coco(folder)).digest() != cohort.digest()


def test_faulty_partners_are_named_and_left_out(folder):
    Image.fromarray(painted(9, (HEIGHT, WIDTH + 1))).save(folder / "wide.png")
    (folder / "text.png").write_text("no image")
    said = {
        "gone.png": "the sharp partner gone.png is missing",
        "text.png": "the sharp partner text.png is a text file",
        "wide.png": "the sharp partner wide.png has 33 x 24 pixels; expected 32 x 24, as the image",
        "a.png": "the sharp partner a.png is the image itself",
        "x" * 300: "is missing",
    }
    for name, words in said.items():
        for path, row in (
            (table(folder, f"a.png,p,{name}"), "table.csv, row 2, column 'sharp_image'"),
            (coco(folder, sharp_file_name=name), "set.json, image 1 (row 0)"),
        ):
            cohort = open_cohort(path)
            assert cohort.samples[0].sharp_file is None
            assert not cohort.facts().annotates("sharp")
            (finding,) = cohort.skipped
            assert words in str(finding)
            assert row in str(finding)
            assert "the image is used without it" in str(finding)
            assert finding.severity == ("warning" if name == "a.png" else "error")
            assert finding in check_cohort(path).findings
    for value in (7, ""):
        path = coco(folder, sharp_file_name=value)
        assert f"sharp_file_name is {value!r}" in str(open_cohort(path).skipped[0])


def test_a_partner_that_is_cut_short_is_found_by_check_and_by_loading(folder):
    path = table(folder, "a.png,p,sharp.jpg", "b.png,p,sharp.jpg")
    Image.fromarray(painted(0)).save(folder / "sharp.jpg")
    whole = (folder / "sharp.jpg").read_bytes()
    (folder / "sharp.jpg").write_bytes(whole[:-200])
    (error,) = [str(one) for one in check_cohort(path).findings if one.severity == "error"]
    assert "sharp.jpg, sharp partner of image a.png" in error
    with pytest.raises(ImageError, match=r"sharp\.jpg"):
        open_cohort(path).load(0)


def test_a_partner_that_changed_its_size_is_refused(folder):
    cohort = open_cohort(table(folder, "a.png,p,sharp.png"))
    Image.fromarray(painted(9, (WIDTH, HEIGHT))).save(folder / "sharp.png")
    with pytest.raises(DataError, match="24 x 32 pixels; expected 32 x 24"):
        cohort.load(0)


def test_what_is_white_in_the_image_is_white_in_its_partner(tmp_path):
    """Blur lowers peaks: by themselves the two would be scaled by 4095 and by 65535."""
    values = {"image.tif": 4000, "sharp.tif": 6000}
    for name, peak in values.items():
        pixels = np.full((20, 20), 2000, np.uint16)
        pixels[5, 5] = peak
        cv2.imwrite(str(tmp_path / name), pixels)
    sample = open_cohort(table(tmp_path, "image.tif,p,sharp.tif")).load(0)
    assert sample.deep.max() == 4000
    assert sample.image[0, 0, 0] == sample.sharp[0, 0, 0] == 125
    assert sample.sharp[5, 5, 0] == 255


@given(
    dx=st.integers(-9, 9),
    dy=st.integers(-9, 9),
    degrees=st.floats(-180, 180),
    mirrored=st.booleans(),
)
def test_image_and_partner_move_alike(dx, dy, degrees, mirrored):
    """The partner is the negative of the image, and stays so wherever both are seen."""
    image = painted(0)
    image[0], image[-1], image[:, 0], image[:, -1] = 0, 0, 0, 0
    size = (HEIGHT, WIDTH)
    sample = Sample(image_id=1, size=size, image=image, sharp=image.copy(), deep=image[..., 0])
    turn = Homography.about(((WIDTH - 1) / 2, (HEIGHT - 1) / 2), degrees=degrees, shear=0.0)
    view = Homography.translation(dx, dy) @ turn
    if mirrored:
        view = view @ Homography.mirror(WIDTH)
    moved = move_sample(sample, view, (20, 40))
    assert moved.sharp.shape == moved.image.shape == (20, 40, 3)
    assert (moved.sharp == moved.image).all()
    assert moved.deep is None
    assert moved.image.any()


def row(number, file=None, sharp=None, patient=None, image=None):
    return Sample(
        image_id=number,
        size=(HEIGHT, WIDTH),
        file=file,
        sharp_file=sharp,
        patient_id=patient,
        image=image,
    )


def test_images_of_one_field_are_grouped():
    samples = [
        row(0, "/a", "/s"),
        row(1, "/b", "/s"),
        row(2, "/s"),
        row(3, "/c"),
        row(4, "/c"),
        row(5),
        row(6, "/d", "/../t"),
        row(7, "/t"),
    ]
    fields = same_fields(samples)
    assert fields[0] == fields[1] == fields[2]
    assert fields[6] == fields[7]
    assert len(set(fields)) == 5


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9) | st.none()), max_size=12))
def test_fields_are_the_connected_parts(links):
    samples = [row(n, f"/{f}", None if s is None else f"/{s}") for n, (f, s) in enumerate(links)]
    fields = same_fields(samples)
    partners = {s for _, s in links} - {None}
    known = [{f, s} & partners for f, s in links]
    reach = np.array([[a is b or bool(a & b) for b in known] for a in known], bool)
    reach = reach.reshape(len(links), len(links))
    for _ in links:
        reach |= (reach.astype(int) @ reach.astype(int)) > 0
    assert [[a == b for b in fields] for a in fields] == reach.tolist()


def test_without_ids_a_field_is_one_patient(folder):
    rows = ["a.png,sharp.png", "b.png,sharp.png", "sharp.png,", "c.png,"]
    path = table(folder, *rows, header="image,sharp_image")
    cohort = open_cohort(path)
    for patient in ("auto", "image"):
        assert list(group_patients(cohort, patient).members.values()) == [(0, 1, 2), (3,)]


def test_an_image_without_id_is_of_the_patient_of_its_field(folder):
    path = table(folder, "sharp.png,,", "a.png,P,sharp.png", "b.png,Q,", "c.png,,")
    members = group_patients(open_cohort(path)).members
    assert members == {"patient P": (0, 1), "patient Q": (2,), "image c.png": (3,)}


def test_one_field_of_two_patients_is_an_error(folder):
    path = table(folder, "a.png,P,sharp.png", "b.png,Q,sharp.png")
    (error,) = [one for one in check_cohort(path).findings if one.severity == "error"]
    assert "image b.png" in str(error)
    assert "of patient Q and shows the field of image a.png, of patient P" in str(error)


def test_image_and_partner_are_no_duplicates(tmp_path):
    base = np.asarray(Image.fromarray(painted(0, (6, 8))).resize((64, 48), Image.BICUBIC))
    other = np.asarray(Image.fromarray(painted(1, (6, 8))).resize((64, 48), Image.BICUBIC))
    for name, pixels in {
        "sharp.png": base,
        "copy.png": base,
        "soft.png": cv2.GaussianBlur(base, (0, 0), 1),
        "other.png": other,
        "again.png": other,
    }.items():
        Image.fromarray(pixels).save(tmp_path / name)
    rows = ["soft.png,sharp.png", "sharp.png,", "copy.png,sharp.png", "other.png,", "again.png,"]
    path = table(tmp_path, *rows, header="image,sharp_image")
    said = [str(one) for one in check_cohort(path).findings]
    (same,) = [one for one in said if "is the same file as" in one or "looks like" in one]
    assert "again.png" in same
    split = split_cohort(open_cohort(path), (0.4, 0.3, 0.3))
    homes = {row: part for part, rows in split.parts.items() for row in rows}
    assert homes[0] == homes[1] == homes[2]
    for pair in split.audit.near_duplicates:
        assert {pair.first, pair.second} == {"other.png", "again.png"}


def test_a_loaded_partner_stays(folder):
    sharp = painted(3)
    sample = Sample(
        image_id=1, size=(HEIGHT, WIDTH), image=painted(1), sharp=sharp, sharp_file="/nowhere.png"
    )
    assert with_sharp(sample).sharp is sharp
