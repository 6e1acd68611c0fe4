"""Each fault gives one clear message and its exit code, or a flagged row; never a traceback."""

import copy
import json
import struct
import zlib

import numpy as np
import pandas as pd
import pytest
from PIL import Image

TOY = "tests.recipes.toy:Toy"


def giant_png(path):
    """A valid PNG of 20,000 x 20,000 grey pixels, a few hundred kB."""

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    side = 20_000
    packer = zlib.compressobj(1)
    rows = b"".join(packer.compress(bytes(side + 1)) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    signature = b"\x89PNG\r\n\x1a\n"
    path.write_bytes(signature + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


@pytest.fixture
def folder(tmp_path, phantoms):
    """Good and bad files side by side."""
    folder = tmp_path / "images"
    folder.mkdir()
    good = sorted((phantoms.parent / "images").glob("*.jpg"))[:2]
    for file in good:
        (folder / f"good_{file.name}").write_bytes(file.read_bytes())
    (folder / "truncated.jpg").write_bytes(good[0].read_bytes()[:2000])
    (folder / "text.png").write_text("this is no picture")
    (folder / "empty.png").write_bytes(b"")
    Image.fromarray(np.zeros((1, 1, 3), np.uint8)).save(folder / "one.png")
    giant_png(folder / "giant.png")
    return folder


def test_bad_files_in_a_folder_are_flagged_and_the_rest_is_read(
    polyclinic, toy_run, folder, tmp_path
):
    code, out, err = polyclinic("read", toy_run, folder, "--out", tmp_path / "out")
    assert code == 6
    assert "read 2 of 7 images" in out
    assert "Traceback" not in out + err
    table = pd.read_csv(tmp_path / "out" / "measurements.csv")
    flags = {row.image.rsplit("/", 1)[-1]: row.flag for row in table.itertuples()}
    for name, why in {
        "truncated.jpg": "truncated",
        "text.png": "text file",
        "empty.png": "empty",
        "one.png": "1 x 1",
        "giant.png": "too many pixels",
    }.items():
        assert flags[name].startswith("error: ")
        assert why in flags[name]
    readings = json.loads((tmp_path / "out" / "readings.json").read_text())
    assert sum("error" in image for image in readings["images"]) == 5
    assert len(list((tmp_path / "out" / "overlays").iterdir())) == 2


def test_missing_input_and_run(polyclinic, toy_run, tmp_path):
    code, _, err = polyclinic("read", toy_run, tmp_path / "nothing.jpg", "--out", tmp_path / "out")
    assert code == 3
    assert "nothing.jpg" in err
    code, _, err = polyclinic("read", tmp_path, tmp_path, "--out", tmp_path / "out")
    assert code == 4
    assert "not a run" in err
    code, _, err = polyclinic("read", toy_run, tmp_path, "--format", "cocoa")
    assert code == 2
    assert "coco" in err


def unknown_ids(data):
    data["annotations"][0]["image_id"] = 999
    data["annotations"][1]["category_id"] = 999


def duplicated_ids(data):
    data["annotations"][1]["id"] = data["annotations"][0]["id"]


def missing_file(data):
    data["images"][0]["file_name"] = "gone.jpg"


def two_points(data):
    data["annotations"][0]["segmentation"] = [[1, 1, 5, 5]]


def not_a_number(data):
    data["annotations"][0]["bbox"] = [float("nan"), 1, 5, 5]


def landmarks_outside(data):
    one = next(a for a in data["annotations"] if any(a.get("keypoints", [])))
    one["keypoints"][:3] = [-500, -500, 2]


FATAL = {unknown_ids: "unknown", duplicated_ids: "id", missing_file: "gone.jpg"}
MENDED = {two_points: "point", not_a_number: "not finite", landmarks_outside: "outside"}


@pytest.fixture
def spoil(phantoms):
    """Write the phantoms' annotations with one fault beside the images."""
    written = []

    def write(fault):
        data = copy.deepcopy(json.loads(phantoms.read_text()))
        fault(data)
        path = phantoms.with_name(f"{fault.__name__}.json")
        path.write_text(json.dumps(data))
        written.append(path)
        return path

    yield write
    for path in written:
        path.unlink()


@pytest.mark.parametrize("fault", FATAL, ids=lambda f: f.__name__)
def test_faults_that_stop_a_training(polyclinic, spoil, tmp_path, fault):
    code, out, err = polyclinic("fit", TOY, "--data", spoil(fault), "--out", tmp_path / "run")
    assert code == 3
    assert FATAL[fault] in err
    assert "Traceback" not in out + err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("fault", MENDED, ids=lambda f: f.__name__)
def test_faults_that_cost_a_row(polyclinic, spoil, tmp_path, fault):
    code, out, _ = polyclinic("fit", TOY, "--data", spoil(fault), "--out", tmp_path / "run")
    assert code == 0
    assert MENDED[fault] in out.lower()


@pytest.mark.parametrize("fault", [*FATAL, *MENDED], ids=lambda f: f.__name__)
def test_check_names_every_fault(polyclinic, spoil, fault):
    code, out, err = polyclinic("check", spoil(fault))
    assert (FATAL | MENDED)[fault] in out.lower()
    assert code == (0 if fault is landmarks_outside else 3)
    assert "Traceback" not in out + err


def test_bad_settings(polyclinic, phantoms, tmp_path):
    def fit(*more):
        return polyclinic("fit", TOY, "--data", phantoms, "--out", tmp_path / "run", *more)

    code, _, err = fit("--set", "train.step=3")
    assert code == 2
    assert "'steps'" in err
    assert fit("--set", "train.steps=many")[0] == 2
    assert fit("--set", "train.steps")[0] == 2
    assert fit("--preset", "large")[0] == 2
    assert fit("--config", tmp_path / "none.yaml")[0] == 2
    assert fit("--set", "model.encoder=resnet1")[0] == 2
    assert fit("--set", "data.split=[0.5,0.1,0.1]")[0] == 2
    code, _, err = polyclinic("fit", "nailfol", "--data", phantoms, "--out", tmp_path / "run")
    assert code == 2
    assert "nailfold" in err
    assert not (tmp_path / "run").exists()


def test_a_run_is_not_overwritten(polyclinic, phantoms, toy_run):
    code, _, err = polyclinic("fit", TOY, "--data", phantoms, "--out", toy_run)
    assert code == 4
    assert "--resume" in err


def test_a_folder_of_other_things_is_not_deleted(polyclinic, tmp_path):
    keep = tmp_path / "keep.txt"
    keep.write_text("mine")
    code, _, err = polyclinic("demo", "--out", tmp_path)
    assert code == 4
    assert keep.read_text() == "mine"
    assert "--out" in err
