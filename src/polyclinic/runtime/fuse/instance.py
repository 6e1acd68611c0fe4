"""One object as several members saw it becomes one instance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from polyclinic.metrics.case import score_of
from polyclinic.runtime.fuse.clusters import Cluster
from polyclinic.runtime.fuse.landmarks import fuse_landmarks
from polyclinic.runtime.fuse.mask import fuse_masks
from polyclinic.runtime.fuse.mean import weighted_mean
from polyclinic.sample import Instance


def fuse_instance(cluster: Cluster, members: int) -> Instance:
    """Fuse what the members say of an object.

    The box is the mean weighted by score, the probabilities are the mean. The score is the sum of
    scores over the number of all members: an object that few of them see scores low. Masks and
    landmarks are there when at least half of those that see the object give them. Labels have the
    value that most of them say, the more certain ones where as many say another.

    Source: Solovyev et al., 2021, see `cluster_instances`.

    Args:
        cluster: at least one instance.
        members: how many members looked at the image.
    """
    found = list(cluster.values())
    scores = [score_of(one) for one in found]
    masks = [(one.mask, score_of(one)) for one in found if one.mask is not None]
    marked = [one for one in found if one.landmarks is not None]
    points, confidence = fuse_landmarks(marked) if 2 * len(marked) >= len(found) else (None, None)
    return Instance(
        box=weighted_mean([one.box for one in found], scores),
        category=_category(found, scores),
        mask=fuse_masks(*zip(*masks, strict=True)) if 2 * len(masks) >= len(found) else None,
        landmarks=points,
        landmark_confidence=confidence,
        score=len(found) / members * float(weighted_mean(scores)),
        probabilities=_probabilities(found),
        labels=_labels(found, scores),
    )


def _labels(found: Sequence[Instance], scores: Sequence[float]) -> dict[str, Any]:
    said: dict[str, dict[Any, tuple[int, float]]] = {}
    for one, score in zip(found, scores, strict=True):
        for name, value in one.labels.items():
            times, sure = said.setdefault(name, {}).get(value, (0, 0.0))
            said[name][value] = times + 1, sure + score
    return {name: max(votes, key=votes.__getitem__) for name, votes in said.items()}


def _probabilities(found: Sequence[Instance]) -> np.ndarray | None:
    """(C,) mean over those that give probabilities."""
    given = [one.probabilities for one in found if one.probabilities is not None]
    return weighted_mean(given) if given else None


def _category(found: Sequence[Instance], scores: Sequence[float]) -> int | None:
    """Of the classes that a member names, the one with the highest mean probability.

    Without probabilities the scores of those that name it are added up.
    """
    named = sorted({one.category for one in found if one.category is not None})
    if not named:
        return None
    probabilities = _probabilities(found)
    if probabilities is not None:
        return max(named, key=lambda category: float(probabilities[category]))
    votes = dict.fromkeys(named, 0.0)
    for one, score in zip(found, scores, strict=True):
        if one.category is not None:
            votes[one.category] += score
    return max(named, key=votes.__getitem__)
