"""Figures of knees beyond those of the kinds of annotation.

The figures of landmarks that every reader is judged by are of hits: objects whose boxes overlap
by half. These pair a knee with the find of its side, however far off, and count a knee that was
not found as wrong. A native knee that is called an implant was not found.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.case import Case
from polyclinic.metrics.figure import Better, Figure
from polyclinic.metrics.pooled import ratio_figure
from polyclinic.schema.knee import ABSENT, IMPLANT, KNEE_LANDMARKS, NATIVE
from polyclinic.systems.knee.distances import MM, distance_figures
from polyclinic.systems.knee.legacy_figures import legacy_recall_figures
from polyclinic.systems.knee.pairs import (
    KneePair,
    knee_errors,
    knee_pairs,
)

GROUP = "knees found"


def knee_figures(cases: Sequence[Case], accept: float) -> list[Figure]:
    """Distances of landmarks in mm, which knees were found, and the published quantities.

    Films whose knees were not annotated don't count, and those without a known scale only in
    what was found: distances in pixels are told by the judge of landmarks.

    Args:
        cases: N samples with readings that hold every candidate.
        accept: the score from which on a find exists.

    Returns:
        Nothing where no reading has the classes of knees; only what was found where no reading
        has the landmarks of a knee or no film with annotated ones has a scale.
    """
    pairs = knee_pairs(cases, accept)
    if not pairs:
        return []
    figures = found_figures(pairs, len(cases))
    schema = next((one.landmark_schema for _, one in cases if one.landmark_schema), None)
    if schema is None or not set(KNEE_LANDMARKS.names) <= set(schema.names):
        return figures
    errors = knee_errors(cases, pairs, schema)
    if not len(errors):
        return figures
    return [
        *distance_figures(errors, len(cases)),
        *figures,
        *legacy_recall_figures(errors, len(cases), MM),
    ]


def found_figures(pairs: Sequence[KneePair], cases: int) -> list[Figure]:
    """Native knees found, implants recognised, and knees found where there are none.

    Args:
        pairs: each side of each film.
        cases: N.
    """
    rows = np.array([one.row for one in pairs], np.intp)
    true = np.array([one.annotated for one in pairs])
    read = np.array([one.found for one in pairs])
    absent = "sides without a knee on which one, native or implant, was found, or which nobody read"
    asked: list[tuple[str, str, NDArray[np.bool_], Better, str]] = [
        ("native_knees_found", NATIVE, read == NATIVE, "higher", "native knees found as such"),
        ("implants_recognised", IMPLANT, read == IMPLANT, "higher", "implants found as such"),
        ("absent_knees_found", ABSENT, read != ABSENT, "lower", absent),
    ]
    counts = [np.bincount(rows[true == kind], minlength=cases) for _, kind, *_ in asked]
    return [
        ratio_figure(
            name,
            np.bincount(rows[(true == kind) & said], minlength=cases),
            of,
            meaning=f"share of {what}",
            group=GROUP,
            better=better,
            counts=of.astype(float),
        )
        for (name, kind, said, better, what), of in zip(asked, counts, strict=True)
        if of.any()
    ]
