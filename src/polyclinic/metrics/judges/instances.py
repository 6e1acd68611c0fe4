"""The figures by which found instances are judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from polyclinic.metrics.case import Case, annotated, found
from polyclinic.metrics.coco_ap import instance_classes
from polyclinic.metrics.coco_figures import average_precision_figures
from polyclinic.metrics.detect.finds import Finds, finds_of
from polyclinic.metrics.detect.named import named_figures
from polyclinic.metrics.detect.objects import looked_rows
from polyclinic.metrics.detect.overlaps import NEAR_SHARE
from polyclinic.metrics.figure import Figure, Values
from polyclinic.metrics.froc import froc_mean
from polyclinic.metrics.matching import match_cases
from polyclinic.metrics.pooled import ratio_figure
from polyclinic.sample.landmark_box import sizeless


def figures(cases: Sequence[Case], accept: float) -> list[Figure]:
    """F1, precision and recall at a score, classes of hits, FROC, and the AP family."""
    rows = looked_rows(cases)
    if not len(rows):
        return []
    classes = instance_classes(cases)
    matched, whatever = (match_cases(cases, by_class=one, min_score=0.0) for one in (True, False))
    finds = finds_of(matched, rows, len(cases))
    return [
        *_counted(finds, accept, _rule(cases)),
        *_of_any_class(finds_of(whatever, rows, len(cases)), accept, classes),
        *named_figures(whatever, rows, len(cases), classes, accept),
        froc_mean(finds),
        *average_precision_figures(cases, "box"),
        *(average_precision_figures(cases, "mask") if _reads_masks(cases) else ()),
    ]


def _rule(cases: Sequence[Case]) -> str:
    """How objects without a size are matched, where there are any."""
    if not any(sizeless(one) for case in cases for one in annotated(case)):
        return ""
    return f"landmarks without a box: within {NEAR_SHARE:.0%} of the image's longer side"


def _counted(finds: Finds, accept: float, rule: str) -> Iterator[Figure]:
    read, hits, true = _counts(finds, accept)
    for name, above, below, meaning in (
        (
            "f1",
            2 * hits,
            true + read,
            "2 hits / (annotated + found); a hit overlaps by half (mask, else box) and has the "
            "right class",
        ),
        ("precision", hits, read, "hits / found; a hit has the right class"),
        ("recall", hits, true, "hits / annotated; a hit has the right class"),
    ):
        yield ratio_figure(
            f"instance_{name}",
            above,
            below,
            meaning=meaning,
            group="instances",
            better="higher",
            counts=read if name == "precision" else true,
            setting=rule,
        )


def _of_any_class(finds: Finds, accept: float, classes: Sequence[str]) -> Iterator[Figure]:
    """Whether objects are found at all, where there are classes to confuse."""
    if len(classes) > 1:
        read, hits, true = _counts(finds, accept)
        yield ratio_figure(
            "instance_f1_any_class",
            2 * hits,
            true + read,
            meaning="2 hits / (annotated + found); a hit overlaps by half, whatever its class",
            group="instances",
            better="higher",
            counts=true,
        )


def _counts(finds: Finds, accept: float) -> tuple[Values, Values, Values]:
    """(N,) finds, hits and annotated instances of each case."""
    cases, accepted = len(finds.images), finds.score >= accept
    read = np.bincount(finds.case[accepted], minlength=cases).astype(float)
    hits = np.bincount(finds.case[accepted & finds.hit], minlength=cases).astype(float)
    return read, hits, finds.annotated


def _reads_masks(cases: Sequence[Case]) -> bool:
    """Whether masks are read; where nothing is found at all, nobody can say."""
    masks = [one.mask is not None for case in cases for one in found(case)]
    return any(masks) or not masks
