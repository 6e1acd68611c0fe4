"""One object as several members saw it becomes one instance; maps likewise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polyclinic.metrics.case import score_of
from polyclinic.runtime.fuse.clusters import Cluster
from polyclinic.sample import Instance, Mask, Pixels


def weighted_mean(values: ArrayLike, weights: ArrayLike | None = None) -> NDArray[np.float64]:
    """Mean over the first axis, never outside of what it is the mean of.

    The first value is taken as the origin, so that the mean of equal values is that value, bit by
    bit. Where all weights are zero, all count the same.

    Args:
        values: (N, ...).
        weights: (N,) or (N, ...), not negative; None counts all the same.
    """
    stacked = np.asarray(values, float)
    given = np.ones(len(stacked)) if weights is None else np.asarray(weights, float)
    given = given.reshape(given.shape + (1,) * (stacked.ndim - given.ndim))
    total = given.sum(0)
    shares = np.where(total > 0, given / np.where(total > 0, total, 1.0), 1 / len(stacked))
    mean = stacked[0] + (shares * (stacked - stacked[0])).sum(0)
    clipped: NDArray[np.float64] = np.clip(mean, stacked.min(0), stacked.max(0))
    return clipped


def mean_by_name(named: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Mean of each name over those that give it."""
    names = dict.fromkeys(name for one in named for name in one)
    return {
        name: float(weighted_mean([one[name] for one in named if name in one])) for name in names
    }


_ROUNDING = 1e-9


def fuse_masks(masks: Sequence[Mask], weights: Sequence[float]) -> Mask:
    """The pixels for which at least half of the weight speaks; ties are in.

    Args:
        masks: one or more, in one frame.
        weights: of each, not negative; all count the same when all are zero.
    """
    given = np.asarray(weights, float)
    shares = given / given.sum() if given.sum() > 0 else np.full(len(masks), 1 / len(masks))
    filled = [(mask, share) for mask, share in zip(masks, shares, strict=True) if mask.shape[0]]
    if not filled:
        return Mask(np.zeros((0, 0), bool), 0, 0, masks[0].size)
    top, left = min(mask.top for mask, _ in filled), min(mask.left for mask, _ in filled)
    bottom = max(mask.top + mask.shape[0] for mask, _ in filled)
    right = max(mask.left + mask.shape[1] for mask, _ in filled)
    speaking = np.zeros((bottom - top, right - left))
    for mask, share in filled:
        height, width = mask.shape
        down, across = mask.top - top, mask.left - left
        speaking[down : down + height, across : across + width] += share * mask.patch
    inside = Mask.from_array(speaking >= 0.5 - _ROUNDING)
    return Mask(inside.patch, inside.left + left, inside.top + top, masks[0].size)


HIDDEN, VISIBLE = 1, 2


def fuse_landmarks(
    found: Sequence[Instance],
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """Mean positions, weighted by confidence, and mean confidences.

    A landmark is seen when at least half of the members see it. Its position is the mean over
    those that share this verdict; it counts as hidden when more of them call it so than visible.

    Args:
        found: instances with (K, 3) landmarks; one without confidences counts as certain.

    Returns:
        (K, 3) x, y, visibility; (K,) confidences, None when nobody gives any.
    """
    points = np.stack([one.landmarks for one in found if one.landmarks is not None])
    stated = [one.landmark_confidence for one in found]
    weights = np.stack([np.ones(points.shape[1]) if sure is None else sure for sure in stated])
    sees = points[:, :, 2] > 0
    seen = 2 * sees.sum(0) >= len(points)
    agrees = sees == seen
    # Those that agree count even when none of them is confident.
    unsure = (weights * agrees).sum(0) <= 0
    weights = agrees * np.where(unsure, 1.0, weights)
    positions = weighted_mean(points[:, :, :2], np.repeat(weights[:, :, None], 2, axis=2))
    hidden = (points[:, :, 2] == HIDDEN).sum(0) > (points[:, :, 2] == VISIBLE).sum(0)
    visibility = np.where(seen, np.where(hidden, HIDDEN, VISIBLE), 0)
    given = [sure for sure in stated if sure is not None]
    return np.column_stack([positions, visibility]), weighted_mean(given) if given else None


LabelMap = NDArray[np.integer[Any]]


def fuse_label_maps(named: Sequence[Mapping[str, LabelMap]]) -> dict[str, LabelMap]:
    """The most frequent label of each pixel, map by map; the smallest of equally frequent ones."""
    names = dict.fromkeys(name for maps in named for name in maps)
    return {name: _vote([maps[name] for maps in named if name in maps]) for name in names}


def _vote(maps: Sequence[LabelMap]) -> LabelMap:
    labels = sorted({int(label) for one in maps for label in np.unique(one)})
    winner = np.zeros(maps[0].shape, maps[0].dtype)
    most = np.zeros(maps[0].shape, np.int64)
    for label in labels:
        votes = np.sum([one == label for one in maps], axis=0)
        winner[votes > most] = label
        most = np.maximum(most, votes)
    return winner


def fuse_pictures(pictures: Sequence[Pixels]) -> Pixels | None:
    """The mean of restored images in their own type; None when there are none."""
    if not pictures:
        return None
    kind = pictures[0].dtype
    mean = np.mean([picture.astype(np.float64) for picture in pictures], axis=0)
    whole = np.rint(mean) if np.issubdtype(kind, np.integer) else mean
    fused: Pixels = whole.astype(kind)
    return fused


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
