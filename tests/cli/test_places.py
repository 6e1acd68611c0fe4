"""Where commands write is checked before their work, and side work costs no reading."""

import pytest


@pytest.fixture
def no_work(monkeypatch):
    def worked(*_, **__):
        raise AssertionError("work was begun")

    monkeypatch.setattr("polyclinic.runs.choose.choose_backend", worked)
    monkeypatch.setattr("polyclinic.runtime.stream.read_all", worked)
    monkeypatch.setattr("polyclinic.evaluation.evaluate.evaluate", worked)
    monkeypatch.setattr("polyclinic.runtime.export.write.export", worked)
    monkeypatch.setattr("polyclinic.evaluation.calibrate.calibrate", worked)


def test_a_place_that_can_not_be_written_is_told_before_the_work(
    polyclinic, toy_run, phantoms, tmp_path, no_work
):
    (tmp_path / "file").write_text("kept")
    for name in ("readings.json", "measurements.csv", "cases.csv"):
        (tmp_path / name).mkdir()
    inside = tmp_path / "file" / "x"
    for words in (
        ("read", toy_run, phantoms, "--out", inside),
        ("read", toy_run, phantoms, "--out", tmp_path / "file"),
        ("read", toy_run, phantoms, "--out", tmp_path),
        ("read", toy_run, phantoms, "--out", tmp_path, "--format", "csv"),
        ("evaluate", toy_run, "--data", phantoms, "--out", inside),
        ("evaluate", toy_run, "--data", phantoms, "--out", tmp_path),
        ("export", toy_run, "--to", "onnx", "--out", inside),
    ):
        code, _, err = polyclinic(*words)
        assert code
        assert "Traceback" not in err
        assert "directory" in err
    assert (tmp_path / "file").read_text() == "kept"


def test_calibration_that_can_not_be_kept_is_not_learnt(polyclinic, phantoms, tmp_path, no_work):
    (tmp_path / "run" / "calibration.json").mkdir(parents=True)
    code, _, err = polyclinic("calibrate", tmp_path / "run", "--data", phantoms)
    assert code
    assert "is a directory" in err
