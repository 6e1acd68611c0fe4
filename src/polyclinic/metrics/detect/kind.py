"""What instances may be compared by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.case import Case, annotated, instance_cases
from polyclinic.metrics.detect.objects import Objects, Rows
from polyclinic.sample.landmark_box import sizeless

Kind = Literal["box", "mask", "landmarks"]


def complete(case: Case, kind: Kind) -> bool:
    """Whether all annotated instances have the kind; landmarks may be absent from some.

    A box that landmarks alone have drawn is none, and their similarity needs a size.
    """
    if kind == "mask":
        return all(one.mask is not None for one in annotated(case))
    return not any(sizeless(one) for one in annotated(case))


def complete_rows(cases: Sequence[Case], kind: Kind) -> Rows:
    """The numbers of the cases that are judged on a kind: annotated with it, and looked at."""
    rows = looked_rows(cases)
    return rows[np.array([complete(cases[row], kind) for row in rows.tolist()], bool)]


def looked_rows(cases: Sequence[Case]) -> Rows:
    """The numbers of the cases in which instances were both annotated and looked for."""
    looked_at = {id(case) for case in instance_cases(cases)}
    return np.array([row for row, case in enumerate(cases) if id(case) in looked_at], np.intp)


def having(objects: Objects, kind: Kind) -> NDArray[np.bool_]:
    """(M,) whether each instance has the kind."""
    if kind == "box":
        return np.ones(len(objects), bool)
    return objects.has_masks if kind == "mask" else objects.has_landmarks
