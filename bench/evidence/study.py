"""Variants, each carried out with several seeds; what is stored is not done again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from polyclinic.atomic import write_json


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """What one variant did with one seed.

    Args:
        values: (K, L) how each test case was read, in as many ways as the study looks at, such as
            the error of each landmark; NaN where that is not known.
        patients: (K,) whose case it is.
        extra: further figures of the whole.
        parameters, steps, seconds: of the training; 0 where nothing was trained.
    """

    values: NDArray[np.float64]
    patients: tuple[str, ...]
    extra: Mapping[str, float] = field(default_factory=dict)
    parameters: int = 0
    steps: int = 0
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Fit for JSON: three decimals are enough, and null is what is not known."""
        rows = self.values.round(3).tolist()
        return {
            "values": [[one if one == one else None for one in row] for row in rows],
            "patients": list(self.patients),
            "extra": dict(self.extra),
            "parameters": self.parameters,
            "steps": self.steps,
            "seconds": round(self.seconds, 1),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """What `to_json` gave."""
        return cls(
            values=np.array(stored["values"], float),
            patients=tuple(stored["patients"]),
            extra=stored["extra"],
            parameters=stored["parameters"],
            steps=stored["steps"],
            seconds=stored["seconds"],
        )


class Variant(Protocol):
    """One way to do it."""

    @property
    def name(self) -> str:
        """Of its files; unique in a study."""
        ...

    @property
    def meaning(self) -> str:
        """One line."""
        ...

    @property
    def cost(self) -> float:
        """Of carrying it out, in usual trainings."""
        ...

    @property
    def needs(self) -> Sequence[Variant]:
        """Variants that come first, with the same seed."""
        ...

    def settings(self, seed: int) -> Mapping[str, Any]:
        """Whatever the outcome follows from; another one makes a stored outcome void."""
        ...

    def carry_out(self, home: Path, seed: int) -> Outcome:
        """Do it."""
        ...


@dataclass(frozen=True, kw_only=True)
class Group:
    """Variants that answer one question.

    Args:
        name: what `--only` takes.
        question: one line.
        variants: rows of its table.
        pairs: which variant is held against which.
    """

    name: str
    question: str
    variants: tuple[Variant, ...]
    pairs: tuple[tuple[Variant, Variant], ...]


class Study:
    """A folder of outcomes.

    Args:
        home: the folder.
        seeds: each variant is carried out with all of them.
    """

    def __init__(self, home: Path, seeds: Sequence[int]) -> None:
        self.home, self.seeds = home, tuple(seeds)

    def stored(self, variant: Variant, seed: int) -> Outcome | None:
        """The outcome of an earlier call with the same settings."""
        file = self._file(variant, seed)
        if not file.exists():
            return None
        stored = json.loads(file.read_text("utf-8"))
        same = stored["settings"] == _plain(variant.settings(seed))
        return Outcome.from_json(stored) if same else None

    def outcome(self, variant: Variant, seed: int) -> Outcome:
        """The stored outcome, else carry out what it needs and the variant itself."""
        if (stored := self.stored(variant, seed)) is not None:
            return stored
        for needed in variant.needs:
            self.outcome(needed, seed)
        made = variant.carry_out(self.home, seed)
        write_json(
            {"settings": _plain(variant.settings(seed)), **made.to_json()},
            self._file(variant, seed),
        )
        return made

    def outcomes(self, variant: Variant) -> list[Outcome] | None:
        """One a seed; None while one of them is missing."""
        found = [self.stored(variant, seed) for seed in self.seeds]
        return [one for one in found if one] if all(found) else None

    def waiting(self, groups: Iterable[Group]) -> list[tuple[Variant, int]]:
        """What is not stored, in the order in which it is carried out, each once."""
        listed = dict.fromkeys(
            (variant.name, seed)
            for group in groups
            for seed in self.seeds
            for wanted in group.variants
            for variant in _with_needs(wanted)
        )
        by_name = {v.name: v for g in groups for one in g.variants for v in _with_needs(one)}
        every = [(by_name[name], seed) for name, seed in listed]
        return [(variant, seed) for variant, seed in every if self.stored(variant, seed) is None]

    def carry_out(
        self,
        groups: Sequence[Group],
        rate: float,
        say: Callable[[str], None],
        summary: Callable[[Outcome], str],
    ) -> None:
        """Carry out what is not stored yet; each outcome is kept at once.

        Args:
            groups: which.
            rate: seconds that a usual training is expected to take.
            say: told what is done and what is left.
            summary: an outcome in a few words.
        """
        waiting = self.waiting(groups)
        left = sum(variant.cost for variant, _ in waiting)
        say(f"{len(waiting)} to do, about {left * rate / 60:.0f} min on two quiet cores")
        for variant, seed in waiting:
            started = time.perf_counter()
            found = self.outcome(variant, seed)
            took = time.perf_counter() - started
            left -= variant.cost
            say(
                f"{variant.name}, seed {seed}: {summary(found)}, {took:.0f} s; "
                f"about {left * rate / 60:.0f} min left"
            )

    def _file(self, variant: Variant, seed: int) -> Path:
        return self.home / "outcomes" / f"{variant.name}-seed{seed}.json"


def _with_needs(variant: Variant) -> Iterator[Variant]:
    for needed in variant.needs:
        yield from _with_needs(needed)
    yield variant


def _plain(value: Mapping[str, Any]) -> Any:
    return json.loads(json.dumps(value))
