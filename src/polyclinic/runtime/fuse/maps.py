"""Whole-image maps and pictures of several readings become one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.sample import Pixels

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
