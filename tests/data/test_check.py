from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from polyclinic.data import Cohort, check_cohort
from polyclinic.data.check.summary import summary_tables
from polyclinic.sample import Instance, Sample


def noise(seed: int, size=(40, 60)) -> Image.Image:
    small = np.random.default_rng(seed).integers(0, 256, (8, 12, 3)).astype(np.uint8)
    return Image.fromarray(small).resize(size[::-1], Image.Resampling.BICUBIC)


@pytest.fixture
def cohort(tmp_path):
    document = {
        "images": [
            {
                "id": number,
                "file_name": f"{number}.png",
                "width": 60,
                "height": 40,
                "patient_id": f"p{number}",
                "spacing_mm": [0.01, 0.01],
                "spacing_source": "calibrated",
            }
            for number in range(6)
        ],
        "categories": [{"id": 1, "name": "cell"}],
        "annotations": [
            {"id": number, "image_id": number % 6, "category_id": 1, "bbox": [number, 2, 8, 8]}
            for number in range(12)
        ],
    }
    for number in range(6):
        noise(number).save(tmp_path / f"{number}.png")

    def findings(**changes) -> list[str]:
        document["images"][0] |= changes
        path = tmp_path / "set.json"
        path.write_text(json.dumps(document))
        return [str(one) for one in check_cohort(path).findings]

    findings.folder = tmp_path
    findings.document = document
    return findings


def only(findings: list[str], text: str) -> str:
    (found,) = [one for one in findings if text in one]
    return found


def test_a_sound_set_gives_no_finding(cohort):
    assert cohort() == []


def test_files_that_can_not_be_read(cohort):
    whole = (cohort.folder / "1.png").read_bytes()
    (cohort.folder / "1.png").write_bytes(whole[: len(whole) // 2])
    (cohort.folder / "2.png").write_text("hello")
    (cohort.folder / "3.png").unlink()
    findings = cohort()
    assert all(one.startswith("error") for one in findings)
    assert "image 1" in only(findings, "can't be decoded")
    assert "image 2" in only(findings, "text file")
    assert "image 3 (row 3)" in only(findings, "3.png is missing")


def test_sizes_that_differ_from_the_annotations(cohort):
    noise(0, (60, 40)).save(cohort.folder / "0.png")
    assert "EXIF" in only(cohort(), "has 40 x 60 pixels")


def test_tiny_images_and_pages(cohort):
    pages = [noise(seed) for seed in (7, 8)]
    pages[0].save(cohort.folder / "0.tif", save_all=True, append_images=pages[1:])
    noise(1, (8, 8)).save(cohort.folder / "1.png")
    cohort.document["images"][1] |= {"width": 8, "height": 8}
    findings = cohort(file_name="0.tif")
    assert only(findings, "2 pages")
    assert only(findings, "sides of 16 or more")


def test_copies_and_look_alikes(cohort):
    shutil.copy(cohort.folder / "1.png", cohort.folder / "2.png")
    smaller = noise(3).resize((60, 40)).point(lambda value: min(255, value + 9))
    smaller.save(cohort.folder / "4.png")
    findings = cohort()
    assert "image 1" in only(findings, "is the same file as")
    assert "image 3" in only(findings, "looks like")


def test_the_scale(cohort):
    assert only(cohort(spacing_mm=[0.01, 0.02]), "not square")
    assert only(cohort(spacing_mm=[50, 50]), "a pixel is 50 x 50 mm")
    assert only(cohort(spacing_mm=[0.01, 0.01], spacing_source=None), "counts as assumed")
    assert only(cohort(spacing_mm=None), "1 of 6 images have no physical scale")
    assert "[row, column]" in only(cohort(spacing_mm=0.01), "spacing_mm is 0.01")


def test_patients_and_classes(cohort):
    cohort.document["categories"].append({"id": 2, "name": "rare"})
    cohort.document["annotations"][0]["category_id"] = 2
    cohort.document["categories"].append({"id": 3, "name": "never"})
    cohort.document["annotations"].append(cohort.document["annotations"][3] | {"id": 99})
    findings = cohort(patient_id=None, labels={"stage": "late"})
    assert only(findings, "1 of 6 images name no patient")
    assert only(findings, "class 'rare' has 1 instances")
    assert only(findings, "class 'never' has no instance")
    assert only(findings, "annotations 3 and 99 have the same class and box")
    assert only(findings, "label 'stage' is always 'late'")


def test_errors_come_first_and_tables_count_by_split(cohort):
    cohort.document["annotations"][0]["bbox"] = [0, 0, 0, 0]
    cohort.document["images"][1]["split"] = "val"
    cohort(spacing_mm=None)
    check = check_cohort(cohort.folder / "set.json")
    severities = [one.severity for one in check.findings]
    assert severities == sorted(severities, key=["error", "warning", "note"].index)
    assert check.count("error") == 1
    assert check.tables["classes"]["cell"] == {"all": 8, "val": 2}
    assert check.tables["data set"]["patients"] == {"count": 6}


def test_a_path_with_nothing(tmp_path):
    for path in (tmp_path, tmp_path / "none.json"):
        (finding,) = check_cohort(path).findings
        assert finding.severity == "error"
        assert str(path) in finding.file


def test_a_folder_of_images_is_checked_to_the_end(tmp_path):
    for seed in range(3):
        noise(seed).save(tmp_path / f"{seed}.png")
    (tmp_path / "3.png").write_bytes(b"")
    (tmp_path / "4.png").write_text("hello")
    check = check_cohort(tmp_path)
    assert [one.what for one in check.findings if one.severity == "error"] == [
        "is empty (0 bytes)",
        "is a text file, not an image",
    ]
    assert check.tables["data set"]["images"] == {"count": 3}


def test_a_measured_label_is_one_row():
    samples = tuple(
        Sample(image_id=i, size=(8, 8), labels={"length": 0.5 * i, "grade": i % 2})
        for i in range(12)
    )
    labels = summary_tables(Cohort(samples=samples))["labels"]
    assert labels["length from 0.0 to 5.5"] == {"all": 12}
    assert labels["grade = 1"] == {"all": 6}


def test_labels_of_objects_are_counted_by_object():
    knees = [
        Instance(box=np.array([0.0, 0, 1, 1]), labels={"kl": n % 2, "w": n}) for n in range(12)
    ]
    samples = (
        Sample(image_id=0, size=(1, 1), instances=tuple(knees[:5]), extra={"split": "train"}),
        Sample(image_id=1, size=(1, 1), instances=tuple(knees[5:]), extra={"split": "val"}),
        Sample(image_id=2, size=(1, 1), labels={"kl": 9}),
    )
    tables = summary_tables(Cohort(samples=samples))
    assert tables["labels"] == {"kl = 9": {"all": 1, "train": 0, "val": 0}}
    assert tables["labels of objects"] == {
        "kl = 0": {"train": 3, "val": 3},
        "kl = 1": {"train": 2, "val": 4},
        "w from 0 to 11": {"train": 5, "val": 7},
    }
