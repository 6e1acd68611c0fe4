"""Leaks planted on purpose are found and named."""

import json

import cv2
import numpy as np

TOY = "tests.recipes.toy:Toy"


def planted(phantoms, folder, *, split=None, change=None):
    """A copy of the phantom cohort with a split of its own, and whatever else is changed."""
    data = json.loads(phantoms.read_text())
    for image in data["images"]:
        image["file_name"] = str(phantoms.parent / image["file_name"])
        if split is not None:
            image["split"] = split(image)
    if change is not None:
        change(data)
    file = folder / "planted.coco.json"
    file.write_text(json.dumps(data))
    return file


def by_patient(image):
    return {"p001": "test", "p002": "val"}.get(image["patient_id"], "train")


def copied(phantoms, folder):
    """An image of the last patient, smaller, brighter, as JPEG, under another patient's name."""

    def change(data):
        source = next(i for i in data["images"] if i["patient_id"] == "p004")
        pixels = cv2.imread(source["file_name"])
        small = cv2.resize(pixels, None, fx=0.75, fy=0.75, interpolation=cv2.INTER_AREA)
        brighter = np.clip(small * 1.1 + 5, 0, 255).astype(np.uint8)
        target = folder / "again.jpg"
        cv2.imwrite(str(target), brighter, [cv2.IMWRITE_JPEG_QUALITY, 70])
        image = {
            "id": 900,
            "file_name": str(target),
            "width": brighter.shape[1],
            "height": brighter.shape[0],
            "patient_id": "somebody else",
            "split": "test",
            "annotated": ["instances"],
        }
        data["images"].append(image)
        change.source = source["id"]

    file = planted(phantoms, folder, split=by_patient, change=change)
    return file, change.source


def test_a_patient_in_two_parts_is_refused_by_name(polyclinic, phantoms, tmp_path):
    leaking = iter(["train", "test", "val", "train", "train", "train", "test", "val"])
    file = planted(phantoms, tmp_path, split=lambda image: next(leaking))
    out = tmp_path / "run"
    code, _, complaint = polyclinic(
        "fit", TOY, "--data", file, "--out", out, "--set", "data.split=file"
    )
    assert code == 3
    assert "patient p001" in complaint
    assert not (out / "model.safetensors").exists()


def test_an_image_encoded_again_under_another_patient_is_named(polyclinic, phantoms, tmp_path):
    file, source = copied(phantoms, tmp_path)
    run = tmp_path / "run"
    code, out, _ = polyclinic("fit", TOY, "--data", file, "--out", run, "--set", "data.split=file")
    assert code == 0
    assert f"{source} (train)" in out or f"900 (test) looks the same as {source}" in out
    code, out, _ = polyclinic("evaluate", run, "--data", file)
    assert code == 0
    assert f"image 900: same picture as {source} (train part" in out
    metrics = json.loads((run / "metrics.json").read_text())
    assert [leak["image"] for leak in metrics["leaks"]] == [900]
    groups = {(one["attribute"], one["value"]): one["images"] for one in metrics["subgroups"]}
    assert (groups["in training", "yes"], groups["in training", "no"]) == (1, 2)
    assert "In the training: image 900" in (run / "report.html").read_text()


def test_training_images_in_another_data_set_are_named(polyclinic, phantoms, toy_run, tmp_path):
    def change(data):
        for image in data["images"]:
            image["patient_id"] = f"new {image['patient_id']}"
        data["images"][0]["patient_id"] = "p004"

    file = planted(phantoms, tmp_path, change=change)
    code, out, _ = polyclinic("evaluate", toy_run, "--data", file, "--out", tmp_path / "judged")
    assert code == 0
    assert "same picture as" in out
    leaks = json.loads((tmp_path / "judged" / "metrics.json").read_text())["leaks"]
    seen = json.loads((toy_run / "fingerprints.json").read_text())["images"]
    assert {leak["image"] for leak in leaks} >= {
        i["id"] for i in seen if i["part"] in ("train", "val")
    }
    assert all(leak["part"] != "test" for leak in leaks)
