"""What readers said of whole-image tasks, beside what was annotated, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.case import Case
from polyclinic.metrics.classify.counts import top_class
from polyclinic.metrics.figure import Values
from polyclinic.reading import Reading

ABSENT = frozenset(
    {"absent", "benign", "control", "false", "healthy", "negative", "no", "none", "normal"}
)
"""Words for the value that is not the finding, in any case; the other one is positive."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Answers:
    """One whole-image task over the M cases in which it was annotated and looked for.

    An image that the reader could not open, or of which it said nothing, stays in with the worst
    answer that there is: the annotated value has the probability 0, every other one 1. Leaving it
    out, or calling all values equally likely, would make a reader that fails on hard images look
    better. `readable` has the others alone.

    Args:
        task: its name.
        values: C names; numbers ascend, else as the reader lists them. Of two values the second
            is the positive one.
        rows: (M,) positions of the cases.
        true: (M,) annotated value, 0 ... C - 1.
        probabilities: (M, C).
        said: (M,) the likeliest value. Where nothing was said: the wrong one of two values, else
            C, which is no value.
        failed: (M,) whether nothing was said.
        unheard: number of them whose annotated value the reader does not know; 0 where it names
            a single value, which leaves the rest to the other.
        of: what each answer is about, for notes.
        unread: number of those of which nothing was said and that were left out.
    """

    task: str
    values: tuple[str, ...]
    rows: NDArray[np.intp]
    true: NDArray[np.intp]
    probabilities: Values
    said: NDArray[np.intp]
    failed: NDArray[np.bool_]
    unheard: int
    of: str = "image"
    unread: int = 0

    def readable(self) -> Answers:
        """The answers that were given, without those that were not."""
        given = ~self.failed
        return replace(
            self,
            rows=self.rows[given],
            true=self.true[given],
            probabilities=self.probabilities[given],
            said=self.said[given],
            failed=self.failed[given],
            unread=self.unread + int(self.failed.sum()),
        )

    @property
    def grades(self) -> tuple[int, ...] | None:
        """What the values count, where all of them are whole numbers."""
        return tuple(map(int, self.values)) if all(map(is_whole, self.values)) else None

    @property
    def note(self) -> str:
        """What to be careful about; empty where there is nothing."""
        said = []
        if count := int(self.failed.sum()):
            said.append(f"{self._number(count)} could not be read: counted as wrong")
        if self.unread:
            said.append(f"{self._number(self.unread)} could not be read: left out")
        if self.unheard:
            said.append(f"a value that the reader does not know: {self._number(self.unheard)}")
        if len(held := np.unique(self.true)) == 1:
            said.append(f"only {self.values[held[0]]!r} is annotated")
        return "; ".join(said)

    def _number(self, count: int) -> str:
        return f"1 {self.of}" if count == 1 else f"{count} {self.of}s"


def finding_answers(cases: Sequence[Case]) -> list[Answers]:
    """The answers of every task that was both annotated and read, two values at least."""
    tasks = dict.fromkeys(task for _, reading in cases for task in reading.findings)
    found = [_answers(task, cases, rows) for task in tasks if (rows := _rows(task, cases))]
    return [one for one in found if len(one.values) > 1]


def word_of(value: Any) -> str | None:
    """The name of a value; None where it says that nothing was annotated.

    A whole float is named like the integer, so that 2.0 and 2 are one grade.
    """
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    whole = str(value).removesuffix(".0")
    return whole if is_whole(whole) else str(value)


def is_whole(value: str) -> bool:
    """Whether the name of a value is that of a whole number, such as a grade."""
    return value.removeprefix("-").isdecimal()


def in_order(values: Sequence[str]) -> tuple[str, ...]:
    """Numbers ascend; of two words the one for an absent finding comes first."""
    if all(map(_is_number, values)):
        return tuple(sorted(values, key=float))
    if len(values) == 2:
        return tuple(sorted(values, key=lambda value: value.casefold() not in ABSENT))
    return tuple(values)


def _rows(task: str, cases: Sequence[Case]) -> list[int]:
    """Positions of the cases in which a task was annotated: its reader was asked."""
    return [
        row for row, (sample, _) in enumerate(cases) if word_of(sample.labels.get(task)) is not None
    ]


def _answers(task: str, cases: Sequence[Case], rows: Sequence[int]) -> Answers:
    labels = [str(word_of(cases[row][0].labels[task])) for row in rows]
    stated = [_named(cases[row][1], task) for row in rows]
    known = dict.fromkeys(value for _, reading in cases for value in _named(reading, task))
    values = in_order([*known, *sorted(set(labels) - set(known))])
    failed = np.array([not one for one in stated], bool)
    true = np.array([values.index(label) for label in labels], np.intp)
    probabilities = np.array([_spread(one, values) for one in stated])
    probabilities[failed] = 1.0 - np.eye(len(values))[true[failed]]
    wrong = 1 - true if len(values) == 2 else np.full(len(true), len(values))
    return Answers(
        task=task,
        values=values,
        rows=np.array(rows, np.intp),
        true=true,
        probabilities=probabilities,
        said=np.where(failed, wrong, top_class(probabilities)[0]),
        failed=failed,
        unheard=sum(label not in known for label in labels) if len(known) > 1 else 0,
    )


def _named(reading: Reading, task: str) -> dict[str, float]:
    """The probabilities of a task, by the names that labels have too."""
    return {str(word_of(value)): p for value, p in reading.findings.get(task, {}).items()}


def _spread(stated: Mapping[str, float], values: Sequence[str]) -> list[float]:
    """Probabilities of all values; what is left of 1 is shared by those that were not named."""
    unnamed = sum(value not in stated for value in values)
    left = max(0.0, 1.0 - sum(stated.values())) / max(unnamed, 1)
    return [float(stated.get(value, left)) for value in values]


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
