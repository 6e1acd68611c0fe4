"""The study of knees runs end to end, tiny, and a second call has nothing left to do."""

import json
from pathlib import Path

import pytest
from bench.evidence.groups import groups
from bench.evidence.knee import FULL, main
from bench.evidence.tables import tables

from polyclinic.recipes.landmarks import Landmarks


def test_names_are_unique_and_settings_are_known() -> None:
    variants = {v.name: v for group in groups(FULL) for v in group.variants}
    for group in groups(FULL):
        rows = {variant.name for variant in group.variants}
        assert {one.name for pair in group.pairs for one in pair} <= rows
        assert all(v.settings(0) == variants[v.name].settings(0) for v in group.variants)
    for variant in variants.values():
        if "overrides" in (settings := variant.settings(1)):
            assert Landmarks().resolve(settings["overrides"]).seed == 1


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_runs_end_to_end(tmp_path: Path, capsys) -> None:
    stored = tmp_path / "result.json"
    call = ["--out", str(tmp_path), "--quick", "--seeds", "1", "--result", str(stored)]
    main([*call, "--only", "control", "--seeds", "2"])
    result = json.loads(stored.read_text("utf-8"))
    assert [group["name"] for group in result["groups"]] == ["control"]
    main(call)
    result = json.loads(stored.read_text("utf-8"))
    assert [one["name"] for one in result["groups"]] == [one.name for one in groups(FULL)]
    capsys.readouterr()
    main(call)
    said = capsys.readouterr().out
    assert said.startswith("0 outcomes are missing")
    assert tables(result) in said
