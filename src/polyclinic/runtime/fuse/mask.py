"""Masks of one object become one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from polyclinic.sample import Mask

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
