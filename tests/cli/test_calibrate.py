"""Intervals from patients of another data set."""

import json

from polyclinic.systems.nailfold.phantoms import NailfoldPhantomConfig, make_cohort


def others(folder, seed=9):
    config = NailfoldPhantomConfig(size=(192, 256), um_per_px=6.8)
    file = make_cohort(folder, patients=3, images_per_patient=1, seed=seed, config=config)
    data = json.loads(file.read_text())
    for image in data["images"]:
        image["patient_id"] = f"other {image['patient_id']}"
    file.write_text(json.dumps(data))
    return file


def test_calibration_on_other_patients(polyclinic, toy_run, tmp_path):
    data = others(tmp_path / "others")
    code, out, _ = polyclinic("calibrate", toy_run, "--data", data)
    assert code == 0
    assert "calibrated on 3 patients" in out
    assert json.loads((toy_run / "calibration.json").read_text())["patients"] == 3
    again, _, _ = polyclinic("calibrate", toy_run, "--data", data)
    assert again == 0, "the same patients again replace what they gave"
    _, out, _ = polyclinic("evaluate", toy_run, "--data", data, "--out", tmp_path / "judged")
    assert "(calibration part" in out


def test_patients_of_the_run_are_refused_even_those_it_was_not_trained_on(
    polyclinic, toy_run, phantoms
):
    code, _, complaint = polyclinic("calibrate", toy_run, "--data", phantoms)
    assert code == 3
    assert "8 images are known to the run" in complaint
    assert "fourth share" in complaint
