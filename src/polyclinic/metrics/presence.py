"""Whether an image holds a class at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from polyclinic.errors import DataError, nearest
from polyclinic.metrics.case import Case, annotated, class_names, found, instance_cases, score_of
from polyclinic.metrics.figure import Figure
from polyclinic.metrics.pooled import ratio_figure


def presence_figures(cases: Sequence[Case], name: str, accept: float) -> list[Figure]:
    """Image-level sensitivity and specificity of a class.

    An image counts as read positive when one found instance of the class has the score `accept`.
    One that could not be read is wrong whatever it holds: nobody has said that the class is
    absent.

    Raises:
        DataError: the readings know no such class.
    """
    looked_at = {id(case) for case in instance_cases(cases)}
    classes = class_names(cases)
    if looked_at and name not in classes:
        raise DataError(f"no class is named {name!r}", hint=nearest(name, classes))
    holds, read, counts = np.zeros((3, len(cases)), bool)
    opened = np.array([reading.error is None for _, reading in cases], bool)
    for row, case in enumerate(cases):
        if id(case) in looked_at:
            index = classes.index(name)
            counts[row] = True
            holds[row] = any(one.category == index for one in annotated(case))
            read[row] = any(
                one.category == index and score_of(one) >= accept for one in found(case)
            )
    return [
        ratio_figure(
            f"{name}_{figure}",
            right,
            of,
            meaning=meaning,
            group="instances",
            better="higher",
            counts=of.astype(float),
        )
        for figure, right, of, meaning in (
            (
                "sensitivity",
                counts & holds & read,
                counts & holds,
                f"share of images with an instance of {name} in which one is read",
            ),
            (
                "specificity",
                counts & ~holds & ~read & opened,
                counts & ~holds,
                f"share of images without an instance of {name} that were read and show none",
            ),
        )
    ]
