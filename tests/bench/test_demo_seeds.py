"""Figures of a demonstration over seeds."""

from __future__ import annotations

import numpy as np
import pytest
from bench.demo_seeds import Bench, summary

from polyclinic.atomic import write_json


def test_the_spread_is_that_of_the_seeds():
    values = [0.91, 0.93, 0.95]
    outcomes = [{"figures": {"f1": v, "error": None}} for v in values]
    outcomes[1]["figures"]["error"] = 2.0
    found = summary(outcomes)
    assert found["f1"]["mean"] == pytest.approx(np.mean(values))
    assert found["f1"]["deviation"] == pytest.approx(np.std(values, ddof=1))
    assert (found["f1"]["least"], found["f1"]["greatest"]) == (0.91, 0.95)
    assert (found["error"]["seeds"], found["error"]["deviation"]) == (1, None)


def test_a_stored_seed_is_not_run_again(tmp_path):
    kept = {"seed": 3, "figures": {"f1": 0.9}, "settings": ["train.steps=5"]}
    write_json(kept, tmp_path / "nailfold-seed3.json")
    bench = Bench(recipe="nailfold", home=tmp_path, settings=("train.steps=5",))
    assert bench.outcome(3) == kept
