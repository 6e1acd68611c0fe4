"""What most raters of an image say.

- Objects of different raters are one object where they are the only ones of their class that each
  of these raters drew, else where they overlap by half (masks, else boxes), the nearest first.
- It counts where more than half of the raters who looked drew it. Drawn by exactly half it is a
  crowd, neither a hit nor a miss; drawn by fewer it is not there.
- A pixel is the object's where more than half of the raters have it; a tie is outside.
- A landmark lies at the median of those who placed it, more than half of those who placed any.
- A class or a label is the commonest value; a tie is not annotated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.sample import Instance, Mask, Sample
from polyclinic.sample.sample import UNNAMED, drawn_by, label_names

OVERLAP = 0.5
"""Intersection over union from which on two raters mean the same object."""

RATER = "majority"

Box = NDArray[np.float64]


def majority_of(sample: Sample) -> Sample:
    """A sample with the objects and labels that most of its raters agree about."""
    named = label_names(sample)
    labels = {name: value for name, value in sample.labels.items() if name not in named}
    for name in sorted(named):
        value = _commonest(said[name] for said in sample.raters.values() if name in said)
        labels |= {} if value is None else {name: value}
    looked = drawn_by(sample)
    instances = sample.instances
    if instances is not None and len(looked) > 1:
        crowds = tuple(one for one in instances if one.crowd)
        groups = same_objects([one for one in instances if not one.crowd])
        agreed = (_agreed(group, len(looked)) for group in groups)
        instances = (*(one for one in agreed if one is not None), *crowds)
    return replace(sample, instances=instances, labels=labels, raters={})


def same_objects(instances: Sequence[Instance]) -> list[list[Instance]]:
    """The objects of all raters, those together that are the same; one a rater at most."""
    group_of = list(range(len(instances)))
    raters = [{one.rater or UNNAMED} for one in instances]

    def join(first: int, second: int) -> None:
        a, b = group_of[first], group_of[second]
        if a != b and not raters[a] & raters[b]:
            raters[a] |= raters[b]
            group_of[:] = [a if group == b else group for group in group_of]

    drawn = Counter((one.category, one.rater) for one in instances)
    of_class = Counter(category for category, _ in drawn if category is not None)
    alone = {c for c in of_class if all(n == 1 for (k, _), n in drawn.items() if k == c)}
    pairs = []
    for (a, one), (b, other) in combinations(enumerate(instances), 2):
        if one.rater == other.rater:
            continue
        if one.category == other.category and one.category in alone:
            pairs.append((2.0, a, b))
        elif (shared := overlap(one, other)) >= OVERLAP:
            pairs.append((shared, a, b))
    for _, a, b in sorted(pairs, key=lambda pair: -pair[0]):
        join(a, b)
    return [
        [one for one, group in zip(instances, group_of, strict=True) if group == number]
        for number in dict.fromkeys(group_of)
    ]


def overlap(first: Instance, second: Instance) -> float:
    """Intersection over union of the masks, of the boxes where either has no mask."""
    shared = np.minimum(first.box[2:], second.box[2:]) - np.maximum(first.box[:2], second.box[:2])
    if (shared <= 0).any():
        return 0.0
    if first.mask is not None and second.mask is not None:
        return first.mask.iou(second.mask)
    both = float(shared.prod())
    areas = [float((one.box[2:] - one.box[:2]).prod()) for one in (first, second)]
    return both / (sum(areas) - both)


def _agreed(drawn: Sequence[Instance], looked: int) -> Instance | None:
    """The object that some of the raters who looked drew; None where most of them did not."""
    if 2 * len(drawn) < looked:
        return None
    masks = [one.mask for one in drawn if one.mask is not None]
    mask = _voted(masks, looked - (len(drawn) - len(masks))) if masks else None
    tie = 2 * len(drawn) == looked or (mask is not None and not mask.area)
    if tie and masks:
        mask = _voted(masks, 1)
    box: Box = np.median([one.box for one in drawn], axis=0)
    return Instance(
        box=box if mask is None else mask.box(),
        category=_commonest(one.category for one in drawn),
        mask=mask,
        landmarks=_placed(drawn),
        crowd=tie,
        rater=RATER,
        labels={
            name: value
            for name in sorted({name for one in drawn for name in one.labels})
            if (value := _commonest(one.labels[name] for one in drawn if name in one.labels))
            is not None
        },
    )


def _voted(masks: Sequence[Mask], voters: int) -> Mask:
    """The pixels that more than half of the voters have, of whom each mask is one."""
    held = [one for one in masks if one.area]
    if not held:
        return masks[0]
    top, left = min(one.top for one in held), min(one.left for one in held)
    bottom = max(one.top + one.shape[0] for one in held)
    right = max(one.left + one.shape[1] for one in held)
    votes = np.zeros((bottom - top, right - left), np.int32)
    for one in held:
        rows = slice(one.top - top, one.top - top + one.shape[0])
        votes[rows, one.left - left : one.left - left + one.shape[1]] += one.patch
    most = Mask.from_array(2 * votes > voters)
    if not most.area:
        return Mask(np.zeros((0, 0), bool), 0, 0, masks[0].size)
    return Mask(most.patch, most.left + left, most.top + top, masks[0].size)


def _placed(drawn: Sequence[Instance]) -> NDArray[np.float64] | None:
    """(K, 3) median of each landmark that more than half of those who placed any have."""
    given = [one.landmarks for one in drawn if one.landmarks is not None]
    if not given:
        return None
    points = np.array(given)
    labelled = points[..., 2] > 0
    agreed = 2 * labelled.sum(0) > len(given)
    found = np.zeros(points.shape[1:])
    for row in np.flatnonzero(agreed):
        seen = points[labelled[:, row], row]
        found[row] = (*np.median(seen[:, :2], axis=0), 2 if np.mean(seen[:, 2] == 2) > 0.5 else 1)
    return found


def _commonest(values: Iterable[Any]) -> Any:
    """The value that is there most often; None where two are, or none is."""
    counts = Counter(value for value in values if value is not None).most_common(2)
    if not counts or (len(counts) > 1 and counts[0][1] == counts[1][1]):
        return None
    return counts[0][0]
