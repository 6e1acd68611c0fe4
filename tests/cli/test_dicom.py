"""DICOM files through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from polyclinic.data.dicom.identity import pseudonym
from tests.data.dicom.made import PATIENT, SECRETS, ramp, saved


@pytest.fixture
def films(tmp_path):
    """A right film with a scale, one without suffix or scale, a report, and an index of them."""
    folder = tmp_path / "films"
    folder.mkdir()
    side = {"ImagerPixelSpacing": [0.2, 0.1], "ImageLaterality": "R"}
    saved(folder / "film.dcm", ramp(shape=(64, 80)), **side)
    frames = np.stack([ramp(shape=(64, 80))] * 2)
    more = {"NumberOfFrames": 2, "PixelData": frames.tobytes()}
    saved(folder / "1.2.826.77", frames[0], PhotometricInterpretation="MONOCHROME1", **more)
    return folder


def report(folder):
    return saved(folder / "report.dcm", ramp(), Rows=None, Columns=None, PixelData=None)


def written(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_read(polyclinic, toy_run, films, tmp_path):
    report(films)
    (films / "DICOMDIR").write_bytes(report(tmp_path).read_bytes())
    out = tmp_path / "out"
    code, said, complained = polyclinic("read", toy_run, films, "--out", out)
    assert code == 6
    assert "read 2 of 3 images" in said
    assert "holds no image" in said + complained
    images = json.loads((out / "readings.json").read_text())["images"]
    by_name = {image["file_name"].rpartition("/")[2]: image for image in images}
    film = by_name["film.dcm"]
    assert film["patient_id"] == pseudonym(PATIENT)
    assert (film["spacing_mm"], film["spacing_source"]) == ([0.2, 0.1], "detector")
    assert (film["height"], film["width"]) == (64, 80)
    assert "spacing_mm" not in by_name["1.2.826.77"]
    assert "inverted: MONOCHROME1" in by_name["1.2.826.77"]["provenance"]["steps"]
    assert len(list((out / "overlays").iterdir())) == 2
    everything = written(out) + (said + complained).encode()
    assert not any(secret.encode() in everything for secret in SECRETS)


def test_a_stated_scale_is_for_films_without_one(polyclinic, toy_run, films, tmp_path):
    code, _, _ = polyclinic("read", toy_run, films, "--out", tmp_path / "out", "--spacing-um", 500)
    assert code == 0
    images = json.loads((tmp_path / "out" / "readings.json").read_text())["images"]
    scales = {image["spacing_source"]: image["spacing_mm"] for image in images}
    assert scales == {"detector": [0.2, 0.1], "assumed": [0.5, 0.5]}


def test_check(polyclinic, films):
    code, said, complained = polyclinic("check", films)
    assert code == 0
    text = " ".join((said + complained).split())
    assert "2 pages" in text
    assert not any(secret in text for secret in SECRETS)
    report(films)
    code, said, complained = polyclinic("check", films)
    assert code == 3
    assert "holds no image" in " ".join((said + complained).split())


def test_coco_files_may_name_dicom_files(polyclinic, toy_run, films, tmp_path):
    rows = [
        {"id": 1, "file_name": "film.dcm", "width": 80, "height": 64, "spacing_mm": [0.4, 0.4]},
        {"id": 2, "file_name": "1.2.826.77", "patient_id": "B"},
    ]
    file = films / "set.json"
    file.write_text(json.dumps({"images": rows, "annotations": [], "categories": []}))
    code, said, complained = polyclinic("check", file)
    assert code == 0, said + complained
    code, said, complained = polyclinic("read", toy_run, file, "--out", tmp_path / "out")
    assert code == 0, said + complained
    images = json.loads((tmp_path / "out" / "readings.json").read_text())["images"]
    assert [image["patient_id"] for image in images] == [pseudonym(PATIENT), "B"]
    assert images[0]["spacing_mm"] == [0.4, 0.4]
