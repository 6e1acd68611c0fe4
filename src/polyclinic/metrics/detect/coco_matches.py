"""COCO's matches of a whole set, found once and kept as flags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError
from polyclinic.metrics.case import Case, annotated, found
from polyclinic.metrics.detect.landmark_overlap import LandmarkOverlap
from polyclinic.metrics.detect.objects import (
    Kind,
    Objects,
    Rows,
    annotated_area,
    blocks,
    complete_rows,
    having,
    objects_of,
    outside,
)
from polyclinic.metrics.detect.overlaps import BoxOverlap, MaskOverlap, Overlap
from polyclinic.metrics.detect.pairs import greedy, near_pairs, turns
from polyclinic.metrics.figure import Values
from polyclinic.schema import LandmarkSchema

Flags = NDArray[np.bool_]

THRESHOLDS: Values = np.linspace(0.5, 0.95, 10)
MAX_FOUND: dict[Kind, int] = {"box": 100, "mask": 100, "landmarks": 20}
"""COCO's `maxDets`: how many finds an image and class its own evaluation looks at."""


@dataclass(frozen=True, eq=False, kw_only=True)
class CocoMatches:
    """What average precision and recall are made of, for A ranges of area and T thresholds.

    Found instances stand in COCO's order: by case, then as read.

    Args:
        cases: N.
        classes: C.
        true_case, true_category: (G,) of each annotated instance.
        to_find: (A, G) whether it is to be found; the others are passed over.
        case, category, score: (D,) of each found instance.
        turn: (D,) how many finds of its class in its image are surer.
        hit: (A, T, D) matched with an instance that is to be found.
        counted: (A, T, D) hit or false; the others are passed over.
    """

    cases: int
    classes: int
    true_case: Rows
    true_category: Rows
    to_find: Flags
    case: Rows
    category: Rows
    score: Values
    turn: Rows
    hit: Flags
    counted: Flags

    @property
    def most(self) -> int:
        """Most finds of a class in an image."""
        return int(self.turn.max(initial=-1)) + 1


def coco_matches(
    cases: Sequence[Case],
    kind: Kind,
    classes: int,
    schema: LandmarkSchema | None = None,
    *,
    most: int | None = None,
) -> CocoMatches:
    """Match every image and class by COCO's rules, a block of images at a time.

    Among equal overlaps the last annotated instance is taken, as by pycocotools.

    Args:
        cases: samples with readings; those without the kind contribute nothing.
        kind: box, mask or landmarks.
        classes: how many; annotated instances of others don't exist.
        schema: needed for landmarks.
        most: how many finds an image and class count, the surest ones, see `MAX_FOUND`; all
            unless given. An image may hold more objects than COCO's limit, and a perfect reader
            would then miss what is beyond it.

    Raises:
        DataError: landmarks have no schema.

    Source: Lin et al., "Microsoft COCO", ECCV 2014; pycocotools' `evaluateImg`.
    """
    numbers = complete_rows(cases, kind)
    kept = [cases[row] for row in numbers]
    parts = []
    for block in blocks(kept):
        some, rows = kept[block.start : block.stop], numbers[block.start : block.stop]
        true = objects_of(some, rows, annotated)
        read = objects_of(some, rows, found)
        true, read = true.where(true.category < classes), read.where(having(read, kind))
        turn = turns(_group(read, classes), read.score)
        if most is not None:
            read, turn = read.where(turn < most), turn[turn < most]
        parts.append(_matched(true, read, turn, _measure(true, read, kind, schema), classes))
    arrays: dict[str, Any] = {
        name: np.concatenate([part[name] for part in parts], -1) for name in parts[0]
    }
    return CocoMatches(cases=len(cases), classes=classes, **arrays)


def _matched(
    true: Objects, read: Objects, turn: Rows, measure: Overlap, classes: int
) -> dict[str, NDArray[Any]]:
    pairs = near_pairs(
        _group(true, classes), _group(read, classes), measure.true_hull, measure.found_hull
    )
    overlap = measure.of(pairs, THRESHOLDS[0])
    enough = overlap >= THRESHOLDS[0]
    pairs, overlap = pairs.where(enough), overlap[enough]
    ignored = outside(annotated_area(true)) | measure.uncounted
    flags = []
    for passed, beyond in zip(ignored, outside(measure.found_area), strict=True):
        taste = (-pairs.true, -overlap, passed[pairs.true])
        partner = greedy(pairs, overlap, THRESHOLDS, turn=turn, taste=taste, shared=true.crowd)
        flags.append(_flags(partner.T, passed, beyond))
    hit, counted = np.array(flags).swapaxes(0, 1)
    return {
        "true_case": true.case,
        "true_category": true.category,
        "to_find": ~ignored,
        "case": read.case,
        "category": read.category,
        "score": read.score,
        "turn": turn,
        "hit": hit,
        "counted": counted,
    }


def _flags(partner: Rows, passed: Flags, beyond: Flags) -> tuple[Flags, Flags]:
    """(T, D) hit and counted, from partners, annotated ones passed over, finds out of range."""
    of_passed = np.append(passed, False)[partner]  # the last one stands for no partner, -1
    hit = (partner >= 0) & ~of_passed
    return hit, hit | ((partner < 0) & ~beyond)


def _group(objects: Objects, classes: int) -> Rows:
    return objects.case * classes + objects.category


def _measure(true: Objects, read: Objects, kind: Kind, schema: LandmarkSchema | None) -> Overlap:
    if kind == "box":
        return BoxOverlap(true, read)
    if kind == "mask":
        return MaskOverlap(true, read)
    if schema is None:
        raise DataError("landmarks have no schema", expected="names and sigmas of the landmarks")
    return LandmarkOverlap(true, read, schema)
