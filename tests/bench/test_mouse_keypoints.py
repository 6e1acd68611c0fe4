"""The comparison on mice runs end to end, tiny, and its figures are those of numpy."""

import json
from pathlib import Path

import numpy as np
import pytest
from bench.landmark_errors import differences, measured

from polyclinic.sample import Sample


def frames(count):
    return [Sample(image_id=str(number), size=(4, 4)) for number in range(count)]


def test_figures_and_differences_of_known_errors() -> None:
    rng = np.random.default_rng(0)
    one, other = rng.gamma(2, 3, (2, 2, 9, 4))
    one[:, 3, 1] = other[:, 3, 1] = np.nan
    found, less = measured(one, frames(9)), differences(one, other, frames(9))
    expected = {
        "median_px": np.nanmedian,
        "mean_px": np.nanmean,
        "p95_px": lambda errors: np.nanquantile(errors, 0.95),
    }
    for name, figure in expected.items():
        values = np.array([[figure(errors) for errors in each] for each in (one, other)])
        assert found[name]["of_trainings"] == pytest.approx(values[0], abs=6e-4)
        assert found[name]["value"] == pytest.approx(values[0].mean(), abs=2e-3)
        if name == "p95_px":  # 9 frames can't bound it
            assert found[name]["lower"] is found[name]["upper"] is None
        else:
            assert found[name]["lower"] < found[name]["value"] < found[name]["upper"]
        assert less[name]["of_trainings"] == pytest.approx(values[0] - values[1], abs=2e-3)


def test_nothing_differs_from_itself() -> None:
    errors = np.random.default_rng(1).gamma(2, 3, (1, 9, 4))
    for name, figure in differences(errors, errors, frames(9)).items():
        assert figure["value"] == 0
        if name != "p95_px":
            assert figure["lower"] <= 0 <= figure["upper"]


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_runs_end_to_end(shared_data: Path, tmp_path: Path, capsys) -> None:
    pytest.importorskip("monai")
    from bench.mouse_keypoints import main
    from bench.mouse_result import table

    data = shared_data / "dlc_mouse_keypoints"
    if not data.is_dir():
        pytest.skip(f"no {data}")
    call = ["--out", str(tmp_path), "--data", str(data), "--quick", "--seeds", "2"]
    main([*call, "--result", str(tmp_path / "result.json")])
    result = json.loads((tmp_path / "result.json").read_text("utf-8"))
    ours, peer, constant = result["readers"]
    assert ours["parameters"] < peer["parameters"] < 1.25 * ours["parameters"]
    assert [len(one["trainings"]) for one in (ours, peer, constant)] == [2, 2, 1]
    assert {one["steps"] for one in (*ours["trainings"], *peer["trainings"])} == {2}
    assert np.shape(ours["errors_px"]) == (2, result["frames"]["test"], result["landmarks"])
    assert sum(result["frames"].values()) == 39
    assert table(result) in capsys.readouterr().out
