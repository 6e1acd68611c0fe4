"""How far masks of one structure by several raters overlap.

Shape letters: K and L masks, P pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polyclinic.errors import DataError
from polyclinic.metrics.figure import Values


@dataclass(frozen=True, eq=False, kw_only=True)
class Shared:
    """Pixels of two sets of masks, every one against every other.

    Args:
        first, second: (K,) and (L,) areas.
        both: (K, L) pixels in both.
    """

    first: Values
    second: Values
    both: Values

    @property
    def iou(self) -> Values:
        """(K, L) intersection over union; 1 where both masks are empty."""
        sums = self.first[:, None] + self.second
        return _share(self.both, sums - self.both)

    @property
    def dice(self) -> Values:
        """(K, L) twice the intersection over the sum of areas; 1 where both masks are empty."""
        return _share(2 * self.both, self.first[:, None] + self.second)


def shared_pixels(first: ArrayLike, second: ArrayLike) -> Shared:
    """Count the pixels of (K, H, W) and (L, H, W) masks; what is not 0 is inside.

    Raises:
        DataError: the masks are not of one size.
    """
    left, right = np.asarray(first, bool), np.asarray(second, bool)
    if left.ndim != 3 or right.ndim != 3 or left.shape[1:] != right.shape[1:]:
        raise DataError(
            f"masks have shapes {left.shape} and {right.shape}",
            expected="(raters, height, width) with the same height and width",
        )
    a, b = _packed(left), _packed(right)
    both = np.array([np.bitwise_count(one & b).sum(1, dtype=np.int64) for one in a], float)
    return Shared(first=_area(a), second=_area(b), both=both.reshape(len(a), len(b)))


def pairwise_dice(masks: ArrayLike) -> Values:
    """(K, K) Dice of every pair of (K, H, W) masks; 1 where both are empty."""
    return shared_pixels(masks, masks).dice


def mean_pairwise_dice(masks: ArrayLike) -> float:
    """Mean Dice of the K (K - 1) / 2 pairs of different raters; NaN for a single mask."""
    table = pairwise_dice(masks)
    pairs = table[np.triu_indices(len(table), 1)]
    return float(pairs.mean()) if len(pairs) else float("nan")


def generalised_energy_distance(first: ArrayLike, second: ArrayLike) -> float:
    """Squared generalised energy distance of two sets of masks, with the distance 1 - IoU.

    2 E d(S, Y) - E d(S, S') - E d(Y, Y'), where every mean runs over all pairs, those of a mask
    with itself included: so two equal sets have a distance of 0. Two empty masks have an IoU of 1.

    Args:
        first: (K, H, W) masks, e.g. samples of a reader.
        second: (L, H, W) masks, e.g. those of the raters.

    Returns:
        0 to 2.

    Sources: Szekely and Rizzo, Journal of Statistical Planning and Inference 2013;
    143:1249-1272; for masks Kohl et al., "A Probabilistic U-Net", NeurIPS 2018, equation 6.

    Raises:
        DataError: a set is empty, or the masks are not of one size.
    """
    across = shared_pixels(first, second)
    if not across.both.size:
        raise DataError("a set holds no mask", expected="at least one mask in either set")
    inner = sum(float(shared_pixels(masks, masks).iou.mean()) for masks in (first, second))
    return max(0.0, inner - 2 * float(across.iou.mean()))


def _packed(masks: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """(K, P / 8) bits."""
    return np.packbits(masks.reshape(len(masks), int(np.prod(masks.shape[1:]))), axis=1)


def _area(packed: NDArray[np.uint8]) -> Values:
    return np.bitwise_count(packed).sum(1, dtype=np.int64).astype(float)


def _share(part: Values, whole: Values) -> Values:
    return np.divide(part, whole, out=np.ones_like(whole), where=whole > 0)
