"""Values of a whole-image label to rows of an answer, by the names under which they are judged."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from polyclinic.data import Facts
from polyclinic.errors import DataError, nearest
from polyclinic.metrics.classify.answers import word_of
from polyclinic.sample import Sample

NOT_ANNOTATED = -1


def named_counts(facts: Facts, label: str) -> dict[str, int]:
    """How many training images have each value of a label, by name, in the order of the facts.

    Values that are judged as one, such as 2, 2.0 and "2", are one. Where a run was written
    before values were counted, each counts once.
    """
    values = facts.label_values.get(label, ())
    counts = facts.label_counts.get(label, (1,) * len(values))
    found: dict[str, int] = {}
    for value, count in zip(values, counts, strict=True):
        name = word_of(value)
        if name is not None:
            found[name] = found.get(name, 0) + count
    return found


def why_one_value(facts: Facts, label: str) -> str | None:
    """Why no two values of a label can be told apart by training, or None when they can."""
    seen = [name for name, count in named_counts(facts, label).items() if count]
    if not seen:
        known = f"; {nearest(label, facts.label_values)}" if facts.label_values else ""
        return f"no image to train on has the label {label!r}{known}"
    if len(seen) == 1:
        return f"every label {label!r} of the images to train on is {seen[0]!r}"
    return None


def value_row(sample: Sample, label: str, names: Sequence[str]) -> int:
    """The place of a sample's value among the names; `NOT_ANNOTATED` where it has none.

    Raises:
        DataError: it is none of the names.
    """
    name = word_of(sample.labels.get(label))
    if name is None:
        return NOT_ANNOTATED
    if name not in names:
        raise DataError(
            f"label {label!r} is {name!r}",
            expected="a value that was declared or trained on",
            where=sample.file or f"image {sample.image_id}",
            hint=nearest(name, names),
        )
    return names.index(name)


def root_weights(counts: Sequence[int]) -> Tensor:
    """(C,) weights w_c ~ n_c^-1/2 with a mean of 1 over the n images.

    A value that no image has weighs nothing.

    Args:
        counts: n_c, not all of them 0.

    Source: as the images of rare hashtags are repeated in Mahajan et al., "Exploring the Limits
    of Weakly Supervised Pretraining", ECCV 2018; here they are weighed instead.
    """
    images = torch.tensor(counts, dtype=torch.float64)
    roots = images.sqrt()
    weights = images.sum() / (roots * roots.sum())
    return torch.where(images > 0, weights, 0).float()
