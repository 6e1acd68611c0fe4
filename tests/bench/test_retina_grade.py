"""The comparison on retinas runs end to end, tiny, and its figures are those of scikit-learn."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from bench.retina_baselines import commonest, logistic, stated
from bench.retina_grade import main
from bench.retina_result import LABEL, judged, table
from sklearn.metrics import accuracy_score, cohen_kappa_score, roc_auc_score

from polyclinic.sample import Sample

GRADES = np.array([0] * 6 + [1] * 4 + [2] * 5)


def samples(grades):
    return [
        Sample(image_id=str(row), size=(4, 4), labels={LABEL: int(grade)})
        for row, grade in enumerate(grades)
    ]


def probabilities(seed):
    return np.random.default_rng(seed).dirichlet(np.ones(3), len(GRADES))


def test_figures_and_differences_of_known_answers() -> None:
    seen, values = samples(GRADES), np.arange(3)
    ours, other = probabilities(0), probabilities(1)
    found = judged(
        {"ours": stated(seen, LABEL, values, ours), "other": stated(seen, LABEL, values, other)},
        "ours",
    )
    expected = [
        {
            "quadratic_kappa": cohen_kappa_score(GRADES, one.argmax(1), weights="quadratic"),
            "accuracy": accuracy_score(GRADES, one.argmax(1)),
            "macro_auc": roc_auc_score(GRADES, one, multi_class="ovr"),
        }
        for one in (ours, other)
    ]
    (less,) = found["differences"]
    for key, value in expected[0].items():
        first, second = (one[f"{LABEL}_{key}"]["value"] for one in found["readers"])
        assert (first, second) == pytest.approx((value, expected[1][key]), abs=1e-4)
        assert less[f"{LABEL}_{key}"]["value"] == pytest.approx(value - expected[1][key], abs=1e-4)
    assert [one["ours"] for one in found["answers"]] == [str(at) for at in ours.argmax(1)]


def test_says_who_wins() -> None:
    seen = samples(np.tile(GRADES, 4))
    right = np.eye(3)[np.tile(GRADES, 4)]
    right[0] = right[0][::-1]  # one mistake: a reader without any has no interval
    readers = {
        "good": stated(seen, LABEL, range(3), right),
        "poor": stated(seen, LABEL, range(3), np.roll(right, 2, axis=0)),
    }
    assert judged(readers, "good")["verdict"] == "Kappa: good wins over poor."
    assert judged(readers, "poor")["verdict"] == "Kappa: good wins over poor."
    same = judged({"one": readers["good"], "same": readers["good"]}, "one")
    assert "holds 0" in same["verdict"]
    constant = {**readers, "poor": commonest(seen, LABEL, GRADES)}
    assert "no interval" in judged(constant, "good")["verdict"]


def test_the_commonest_grade_agrees_no_better_than_chance() -> None:
    found = judged({"commonest": commonest(samples(GRADES), LABEL, GRADES)}, "commonest")
    (reader,) = found["readers"]
    assert reader[f"{LABEL}_quadratic_kappa"]["value"] == 0
    assert reader[f"{LABEL}_macro_auc"]["value"] == 0.5
    assert reader[f"{LABEL}_accuracy"]["value"] == pytest.approx(6 / 15, abs=1e-4)


def test_the_logistic_regression_finds_what_there_is_and_nothing_else() -> None:
    rng = np.random.default_rng(0)
    grades = np.repeat(np.arange(3), 30)
    told = rng.normal(size=(90, 5)) + 4 * grades[:, None]
    assert logistic(told[::2], grades[::2], 0).score(told[1::2], grades[1::2]) > 0.9
    assert logistic(rng.normal(size=(90, 5)), grades, 0).best_score_ < 0.5


def photographs(folder: Path) -> Path:
    """Discs that are the brighter the higher the grade; one test image is a training image."""
    rng = np.random.default_rng(0)
    (folder / "grade_images").mkdir(parents=True)
    rows = []
    for part, count in (("train", 30), ("test", 12)):
        for number in range(count):
            grade, name = number % 3, f"{part}_{number}.jpg"
            image = rng.integers(0, 120, (48, 64, 3)) + 60 * grade
            if name != "test_0.jpg":
                cv2.imwrite(str(folder / "grade_images" / name), image.astype(np.uint8))
            rows.append({"image": name, "split": part, LABEL: grade, "dme_risk": 0})
    twin = (folder / "grade_images" / "train_3.jpg").read_bytes()
    (folder / "grade_images" / "test_0.jpg").write_bytes(twin)
    with (folder / "grades.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


@pytest.mark.slow
def test_runs_end_to_end_and_goes_on(tmp_path: Path, capsys) -> None:
    data, stored = photographs(tmp_path / "data"), tmp_path / "result.json"
    call = ["--out", str(tmp_path / "out"), "--data", str(data), "--quick", "--result", str(stored)]
    main(call)
    result = json.loads(stored.read_text("utf-8"))
    assert result["images"] == {"train": 23, "val": 6, "test": 12}
    assert result["left_out"] == ["train_3.jpg"]
    assert [one["name"] for one in result["readers"]] == [
        "fit diagnose",
        "logistic regression",
        "commonest grade",
    ]
    assert result["steps"] == 2
    assert len(result["answers"]) == 12
    assert table(result) in capsys.readouterr().out
    main(call)
    again = json.loads(stored.read_text("utf-8"))
    assert again["answers"] == result["answers"]
    assert again["readers"] == result["readers"]
