"""How many images and patients came in, and how many each kind of annotation was judged on.

The flow of participants that STARD 2015 (item 19) and TRIPOD+AI ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.case import Case, annotated, found
from polyclinic.metrics.classify.answers import word_of
from polyclinic.metrics.judges.quality import quality_names

_Flags = NDArray[np.bool_]
_Asks = Callable[[Case], bool]


@dataclass(frozen=True, kw_only=True)
class Count:
    """Some images, and the patients that they belong to."""

    images: int
    patients: int


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Where the images and patients of one task went; the last three add up to the first.

    Args:
        task: a kind of annotation, or the name of a finding or quality.
        found: in the judged part of the data.
        not_annotated: left out, since nobody said what is right; patients without any annotated
            image.
        unreadable: annotated, but the reader gave nothing: counted against it wherever a figure
            can, else named as left out; patients without any other annotated image.
        used: annotated and read; patients with at least one such image.
    """

    task: str
    found: Count
    not_annotated: Count
    unreadable: Count
    used: Count

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return asdict(self)


def participant_flow(cases: Sequence[Case], patients: NDArray[np.intp]) -> tuple[Flow, ...]:
    """One row a task that was annotated and read.

    Args:
        cases: N.
        patients: (N,) the number of each case's patient.
    """
    rows = []
    for task, asked, said in _tasks(cases):
        known = np.array([asked(case) for case in cases], bool)
        read = np.array([said(case) for case in cases], bool)
        if (known & read).any() or (known.any() and not read.any()):
            rows.append(_flow(task, known, known & read, patients))
    return tuple(rows)


def _flow(task: str, known: _Flags, used: _Flags, patients: NDArray[np.intp]) -> Flow:
    every, some, last = (_people(flags, patients) for flags in (known | True, known, used))
    return Flow(
        task=task,
        found=Count(images=len(known), patients=every),
        not_annotated=Count(images=int((~known).sum()), patients=every - some),
        unreadable=Count(images=int((known & ~used).sum()), patients=some - last),
        used=Count(images=int(used.sum()), patients=last),
    )


def _people(flags: _Flags, patients: NDArray[np.intp]) -> int:
    return len(np.unique(patients[flags]))


def _tasks(cases: Sequence[Case]) -> Iterator[tuple[str, _Asks, _Asks]]:
    """Name, whether a case was annotated with it, and whether it was read."""
    looks = any(reading.instances is not None for _, reading in cases)
    if looks:
        yield "instances", lambda one: one[0].instances is not None, _opened
    if looks and any(obj.mask is not None for case in cases for obj in found(case)):
        yield "masks", _all_masked, _opened
    if looks and any(obj.landmarks is not None for case in cases for obj in found(case)):
        yield "landmarks", _any_marked, _opened
    for task in dict.fromkeys(task for _, reading in cases for task in reading.findings):
        yield task, partial(_labelled, task), partial(_found, task)
    for name in quality_names(cases):
        yield name, partial(_labelled, name), partial(_rated, name)
    if any(reading.fidelity for _, reading in cases):
        yield (
            "restoration",
            lambda one: one[0].sharp_file is not None or one[1].fidelity is not None,
            lambda one: one[1].fidelity is not None,
        )


def _labelled(name: str, case: Case) -> bool:
    return word_of(case[0].labels.get(name)) is not None


def _found(task: str, case: Case) -> bool:
    return task in case[1].findings


def _rated(name: str, case: Case) -> bool:
    return name in case[1].quality


def _opened(case: Case) -> bool:
    return case[1].error is None and case[1].instances is not None


def _all_masked(case: Case) -> bool:
    return case[0].instances is not None and all(one.mask is not None for one in annotated(case))


def _any_marked(case: Case) -> bool:
    objects = case[0].instances
    return objects is not None and (not objects or any(o.has_visible_landmarks for o in objects))
