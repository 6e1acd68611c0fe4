"""Fields and their focus are those that were drawn; all of the comparison runs, tiny."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from bench.defocus_fields import pictures
from bench.defocus_stacks import SIDE, TEST_ROWS, TRAINING_ROWS, cut_stacks, focus_of

from polyclinic.data import open_cohort, split_cohort
from polyclinic.data.degrade.effects import gaussian_blur
from tests.bench.defocus_scenes import FOCUS, nuclei, scene, stacks


def test_fields_that_judge_share_no_pixel_with_those_that_teach(tmp_path: Path) -> None:
    cut = cut_stacks(tmp_path / "cut", stacks(tmp_path) / "dfnn_defocus_stacks")
    assert max(TRAINING_ROWS) + SIDE + 32 <= min(TEST_ROWS)
    cohort = open_cohort(cut.table)
    split = split_cohort(cohort, "file")
    tops = {
        part: {int(str(cohort.samples[row].patient_id).split("-")[1]) for row in rows}
        for part, rows in split.parts.items()
    }
    assert tops["test"] == set(TEST_ROWS)
    assert tops["train"] == set(TRAINING_ROWS)
    judged = pictures(cohort, split.test)
    assert judged.images.shape[1:] == (SIDE, SIDE)
    assert sorted(set(judged.levels)) == [0.0, 0.2, 0.4, 0.6]
    assert (np.isfinite(judged.sharp[:, 0, 0]) == (judged.levels > 0)).all()
    row = next(row for row, level in enumerate(judged.levels) if level == 0.6)
    stack, top, left = str(judged.samples[row].patient_id).split("-")
    plane = cv2.imread(
        str(tmp_path / "dfnn_defocus_stacks" / stack / "z0051.png"), cv2.IMREAD_UNCHANGED
    )
    there = plane[int(top) : int(top) + SIDE, int(left) : int(left) + SIDE]
    np.testing.assert_allclose(judged.sharp[row], np.clip(there / cut.white, 0, 1), atol=1e-5)


def test_each_field_has_a_focus_of_its_own(tmp_path: Path) -> None:
    cut = cut_stacks(tmp_path / "cut", stacks(tmp_path) / "dfnn_defocus_stacks")
    for sample in open_cohort(cut.table).samples:
        top = int(str(sample.patient_id).split("-")[1])
        if top + SIDE <= 500 and sample.labels["quality"] == 0:
            assert sample.labels["published"] == pytest.approx(FOCUS[0])
        if top >= 500 and sample.labels["quality"] == 0:
            assert sample.labels["published"] == pytest.approx(FOCUS[1])
    assert cut.farthest == pytest.approx(0.8)


def test_no_focus_is_told_of_noise_nor_at_the_end_of_a_stack() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(100, 5, (9, SIDE, SIDE))
    spots = 500 * scene(side=SIDE)
    planes = np.stack([gaussian_blur(spots, abs(at - 4)) for at in range(9)])
    assert focus_of(noise) is None
    assert focus_of(planes + noise) == 4
    assert focus_of((planes + noise)[3:]) is None


@pytest.mark.slow
def test_runs_end_to_end(tmp_path: Path, capsys) -> None:
    from bench.defocus import main
    from bench.defocus_tables import tables

    data = stacks(tmp_path)
    nuclei(data)
    stored, out = tmp_path / "result.json", tmp_path / "out"
    main(["--out", str(out), "--data", str(data), "--quick", "--result", str(stored)])
    result = json.loads(stored.read_text("utf-8"))
    parts = result["stacks"]
    assert parts["steps"] == result["pairs"]["steps"] == 2
    assert parts["judged_pairs"] == parts["images"]["test"] - parts["fields"]["test"]
    assert any("diagnosis" in line for line in parts["tasks_left_out"])
    assert len(parts["methods"]) == 10
    assert len(result["pairs"]["images"]) == 7
    assert (out / "defocus.jpg").stat().st_size < 200_000
    assert tables(result) in capsys.readouterr().out
