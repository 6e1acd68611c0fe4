"""The figures by which found instances are judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from polyclinic.metrics.case import Case, found
from polyclinic.metrics.coco_ap import instance_classes
from polyclinic.metrics.coco_figures import average_precision_figures
from polyclinic.metrics.detect.finds import Finds, finds_of
from polyclinic.metrics.detect.kind import complete_rows
from polyclinic.metrics.detect.named import named_figures
from polyclinic.metrics.figure import Figure
from polyclinic.metrics.froc import froc_mean
from polyclinic.metrics.matching import match_cases
from polyclinic.metrics.pooled import ratio_figure


def figures(cases: Sequence[Case], accept: float) -> list[Figure]:
    """F1, precision and recall at a score, classes of hits, FROC, and the AP family."""
    rows = complete_rows(cases, "box")
    if not len(rows):
        return []
    matched = match_cases(cases, min_score=0.0)
    finds = finds_of(matched, rows, len(cases))
    return [
        *_counted(finds, accept),
        *named_figures(matched, rows, len(cases), instance_classes(cases), accept),
        froc_mean(finds),
        *average_precision_figures(cases, "box"),
        *(average_precision_figures(cases, "mask") if _reads_masks(cases) else ()),
    ]


def _counted(finds: Finds, accept: float) -> Iterator[Figure]:
    cases, accepted = len(finds.images), finds.score >= accept
    read = np.bincount(finds.case[accepted], minlength=cases).astype(float)
    hits = np.bincount(finds.case[accepted & finds.hit], minlength=cases).astype(float)
    true = finds.annotated
    for name, above, below, meaning in (
        (
            "f1",
            2 * hits,
            true + read,
            "2 hits / (annotated + found); a hit overlaps by half (mask, else box)",
        ),
        ("precision", hits, read, "hits / found"),
        ("recall", hits, true, "hits / annotated"),
    ):
        yield ratio_figure(
            f"instance_{name}",
            above,
            below,
            meaning=meaning,
            group="instances",
            better="higher",
            counts=read if name == "precision" else true,
        )


def _reads_masks(cases: Sequence[Case]) -> bool:
    """Whether masks are read; where nothing is found at all, nobody can say."""
    masks = [one.mask is not None for case in cases for one in found(case)]
    return any(masks) or not masks
