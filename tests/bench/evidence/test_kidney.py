"""The study of kidneys runs end to end, tiny, and a second call has nothing left to do."""

import json
from pathlib import Path

import numpy as np
import pytest
from bench.evidence.kidney import COLUMNS, FULL, main
from bench.evidence.kidney_arms import arms
from bench.evidence.kidney_fields import LEVELS, Sizes, drawn_fields, make_fields
from bench.evidence.statistics import spread
from bench.evidence.tables import tables

from polyclinic.recipes.find import find_recipe


def test_names_are_unique_and_settings_are_known() -> None:
    group = arms(*FULL)
    names = [variant.name for variant in group.variants]
    assert len(set(names)) == len(names)
    assert {one.name for pair in group.pairs for one in pair} <= set(names)
    for variant in group.variants:
        settings = variant.settings(1)
        config = find_recipe(settings["recipe"]).resolve(settings["overrides"])
        assert config.seed == 1
        assert bool(config.hierarchy.edges) == (
            variant.name not in ("sharp_only", "single", "flat")
        )


def test_columns_are_shares_of_right_answers() -> None:
    right = np.array([[1, 1, 0, 0, 0], [1, 0, 0, 0, 0], [1, 1, 1, 0, 1]], float)
    found = {name: spread([right], column.measure)[0] for name, column in COLUMNS.items()}
    levels = {f"level_{level}": right[:, level].mean() for level in range(LEVELS)}
    assert found == pytest.approx({"mean": right.mean(), **levels})


def test_fields_in_focus_and_out_of_it(tmp_path: Path) -> None:
    folder = make_fields(tmp_path, Sizes(training=4, test=4))
    fields = drawn_fields(folder)
    assert np.array_equal(fields.at(0), fields.images)
    sharpness = [
        float(np.abs(np.diff(fields.at(level).mean(0).astype(float))).mean()) for level in (0, 4)
    ]
    assert sharpness[0] > sharpness[1]
    assert np.array_equal(fields.at(3), fields.at(3))
    table = (folder / "table.csv").read_text("utf-8").splitlines()
    learnt = {line.split(",")[0] for line in table[1:]}
    assert learnt.isdisjoint(fields.patients)
    assert len(set(fields.labels)) == 4


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_runs_end_to_end(tmp_path: Path, capsys) -> None:
    stored = tmp_path / "result.json"
    call = ["--out", str(tmp_path), "--quick", "--seeds", "2", "--result", str(stored)]
    main([*call, "--only-seeds", "0"])
    assert "8 outcomes of other seeds are missing: nothing stored" in capsys.readouterr().out
    main(call)
    result = json.loads(stored.read_text("utf-8"))
    assert len(result["groups"][0]["rows"]) == 8
    capsys.readouterr()
    main(call)
    said = capsys.readouterr().out
    assert said.startswith("0 to do")
    assert tables(result) in said
