"""Which files of a folder are images, wherever folders are looked into."""

from __future__ import annotations

import os
import shutil

import numpy as np
import pytest
from PIL import Image

from polyclinic.data import check_cohort, open_cohort, read_image
from polyclinic.data.listing import list_folder, list_images
from polyclinic.errors import DataError
from polyclinic.runtime.inputs import samples_from
from tests.data.dicom.made import ramp, saved

PIXELS = np.random.default_rng(0).integers(0, 256, (24, 32, 3)).astype(np.uint8)
PIXELS[:8] = 0
OPENED = {
    ".jp2": "JPEG2000",
    ".j2k": "JPEG2000",
    ".jfif": "JPEG",
    ".jpe": "JPEG",
    ".JPE": "JPEG",
    ".avif": "AVIF",
    ".apng": "PNG",
    ".ppm": "PPM",
    ".pgm": "PPM",
    ".scan": "PNG",
    "": "TIFF",
    ".001": "BMP",
}


def picture(path, kind="PNG"):
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = "L" if path.suffix == ".pgm" else "RGB"
    Image.fromarray(PIXELS).convert(mode).save(path, kind)
    return path


def names(listing, folder):
    return [one.relative_to(folder).as_posix() for one in listing.images]


@pytest.mark.parametrize("name", OPENED)
def test_what_can_be_opened_is_opened_wherever_a_folder_is_looked_into(tmp_path, name):
    file = picture(tmp_path / "images" / f"case{name}", OPENED[name])
    mask = picture(tmp_path / "masks" / f"case{name}", OPENED[name])
    folder = file.parent
    assert names(list_images(folder), folder) == [file.name]
    assert [one.image_id for one in samples_from([folder])] == [file.name]
    assert [one.size for one in open_cohort(folder).samples] == [(24, 32)]
    assert open_cohort(folder).skipped == ()
    assert read_image(file).shape == (24, 32, 3)
    assert names(list_folder(mask.parent), mask.parent) == [mask.name]
    (sample,) = open_cohort(tmp_path).samples
    assert sample.instances is not None


def heic(path):
    path.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(range(256)) * 4)


def test_what_can_not_be_opened_is_named_and_counted(tmp_path):
    folder = tmp_path / "images"
    picture(folder / "a.png")
    for number in range(5):
        heic(folder / f"{number}.heic")
    (folder / "volume.nii.gz").write_bytes(b"\x1f\x8b\x08\0" + bytes(200))
    (folder / "raw").write_bytes(bytes(range(256)))
    (folder / "empty").touch()
    (folder / "scan.png").mkdir()
    picture(folder / "scan.png" / "inner.png")
    os.mkfifo(folder / "pipe.png")
    (folder / "lost.txt").symlink_to(folder / "nowhere")
    for name in ("notes.txt", "sheet.csv", "README"):
        (folder / name).write_text("nothing, caf\xe9")
    (folder / "utf16").write_bytes("text".encode("utf-16"))
    (folder / ".hidden").write_bytes(bytes(9))
    listing = list_images(folder)
    assert names(listing, folder) == ["a.png", "scan.png/inner.png"]
    (finding,) = listing.findings
    assert finding.severity == "warning"
    assert finding.what.startswith("11 that are no image of a kind that is read are passed over: ")
    for said in (
        "5 .heic (0.heic, 1.heic, 2.heic, ...)",
        "1 .nii.gz (volume.nii.gz)",
        "1 without suffix (raw)",
        "1 empty files (empty)",
        "1 folders named like images (scan.png)",
        "1 neither files nor folders (pipe.png)",
        "1 links to nothing (lost.txt)",
    ):
        assert said in finding.what
    assert "sheet.csv" not in finding.what
    assert open_cohort(folder).skipped == (finding,)
    assert samples_from([folder]).findings == (finding,)
    assert finding in check_cohort(folder).findings


def test_what_is_passed_over_in_folders_of_masks_is_named(tmp_path):
    picture(tmp_path / "images" / "a.png")
    for place in ("masks/disc", "masks", "raters/EM"):
        picture(tmp_path / place / "a.png")
        heic(tmp_path / place / "b.heic")
    (tmp_path / "masks" / "scan.png").mkdir()
    picture(tmp_path / "masks" / "disc" / "deeper" / "a.png")
    heic(tmp_path / "images" / "c.heic")
    cohort = open_cohort(tmp_path)
    assert cohort.classes == ("disc", "object")
    said = [str(one) for one in cohort.skipped if "passed over" in one.what]
    assert len(said) == 5
    assert sum("b.heic" in one for one in said) == 3
    assert any("folders named like images (scan.png)" in one for one in said)
    assert any("holds 1 folders with 1 images" in one for one in said)
    assert set(cohort.skipped) <= set(check_cohort(tmp_path).findings)


def test_linked_folders_are_looked_into_once(tmp_path):
    folder, elsewhere = tmp_path / "images", tmp_path / "elsewhere"
    picture(folder / "z" / "a.png")
    picture(elsewhere / "b.png")
    (folder / "link").symlink_to(elsewhere)
    (folder / "a").symlink_to(folder / "z")
    (folder / "circle").symlink_to(tmp_path)
    (elsewhere / "c.png").symlink_to(folder / "z" / "a.png")
    listing = list_images(folder)
    assert names(listing, folder) == ["circle/elsewhere/b.png", "circle/elsewhere/c.png", "z/a.png"]
    (finding,) = listing.findings
    assert "linked folders that were looked into already" in finding.what
    shutil.rmtree(folder / "z")
    assert "a" in str(list_images(folder).findings)


def test_a_link_to_nothing_that_is_named_like_an_image_is_an_image_that_can_not_be_read(tmp_path):
    picture(tmp_path / "a.png")
    (tmp_path / "b.png").symlink_to(tmp_path / "nowhere.png")
    assert names(list_images(tmp_path), tmp_path) == ["a.png", "b.png"]
    with pytest.raises(DataError, match=r"b\.png: the file does not exist"):
        open_cohort(tmp_path)


def test_dicom_files_are_known_by_what_they_hold(tmp_path):
    saved(tmp_path / "1.2.40", ramp())
    saved(tmp_path / "DICOMDIR", ramp())
    listing = list_images(tmp_path)
    assert names(listing, tmp_path) == ["1.2.40"]
    assert listing.findings == ()


def test_a_folder_with_nothing_that_can_be_opened_says_what_it_holds(tmp_path):
    heic(tmp_path / "a.heic")
    for use in (open_cohort, lambda path: samples_from([path])):
        with pytest.raises(DataError, match=r"1 \.heic \(a\.heic\)"):
            use(tmp_path)
    said = [str(one) for one in check_cohort(tmp_path).findings]
    assert any("1 .heic (a.heic)" in one for one in said)
    assert check_cohort(tmp_path).count("error") == 1
