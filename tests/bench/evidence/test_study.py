"""What is stored is not done again, unless it was made otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bench.evidence.study import Group, Outcome, Study


@dataclass(frozen=True, kw_only=True)
class Counted:
    name: str
    size: float = 1.0
    needs: Sequence[Any] = ()
    done: list[tuple[str, int]] = field(default_factory=list)
    fails: tuple[int, ...] = ()
    meaning: str = ""
    cost: float = 1.0

    def settings(self, seed: int) -> Mapping[str, Any]:
        return {"size": self.size, "pair": (1, 2)}

    def carry_out(self, home: Path, seed: int) -> Outcome:
        if seed in self.fails:
            raise RuntimeError("the machine stopped")
        self.done.append((self.name, seed))
        return Outcome(values=np.array([[self.size, np.nan], [seed, 0.0005]]), patients=("a", "b"))


def short(outcome: Outcome) -> str:
    return "done"


def group(*variants):
    return Group(name="g", question="?", variants=variants, pairs=())


def test_outcomes_come_back(tmp_path: Path) -> None:
    study, variant = Study(tmp_path, (0, 1)), Counted(name="v")
    made = study.outcome(variant, 1)
    again = study.outcome(variant, 1)
    assert variant.done == [("v", 1)]
    assert again.values == pytest.approx(made.values, abs=6e-4, nan_ok=True)
    assert again.patients == made.patients
    assert study.outcomes(variant) is None
    study.outcome(variant, 0)
    assert [one.values[1, 0] for one in study.outcomes(variant)] == [0, 1]


def test_other_settings_are_done_again(tmp_path: Path) -> None:
    study = Study(tmp_path, (0,))
    study.outcome(Counted(name="v"), 0)
    other = Counted(name="v", size=2.0)
    assert study.stored(other, 0) is None
    assert study.outcome(other, 0).values[0, 0] == 2


def test_needs_come_first_and_once(tmp_path: Path) -> None:
    done: list[tuple[str, int]] = []
    first = Counted(name="first", done=done)
    second = Counted(name="second", done=done, needs=(first,))
    third = Counted(name="third", done=done, needs=(first,))
    study = Study(tmp_path, (0, 1))
    groups = [group(second, third), group(third)]
    assert [variant.name for variant, seed in study.waiting(groups) if not seed] == [
        "first",
        "second",
        "third",
    ]
    said: list[str] = []
    study.carry_out(groups, 30.0, said.append, short)
    assert sorted(done) == sorted((n, s) for n in ("first", "second", "third") for s in (0, 1))
    assert said[0] == "6 to do, about 3 min on two quiet cores"
    assert study.waiting(groups) == []


def test_goes_on_where_it_stopped(tmp_path: Path) -> None:
    study = Study(tmp_path, (0, 1, 2))
    broken = Counted(name="v", fails=(1,))
    with pytest.raises(RuntimeError):
        study.carry_out([group(broken)], 1.0, lambda line: None, short)
    whole = Counted(name="v")
    study.carry_out([group(whole)], 1.0, lambda line: None, short)
    assert whole.done == [("v", 1), ("v", 2)]
