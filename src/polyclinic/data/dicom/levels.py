"""The values that an image may hold, in place of its pixels.

Rescaling, window, inversion and depth are functions of one stored value. A film has millions of
pixels and some thousand values: the functions are evaluated on these, and pixels looked up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.data.dicom.decode import Stored
from polyclinic.data.lookups import LOOKS_UP_16_BITS

Depth = TypeVar("Depth", np.uint8, np.uint16)

_BAND = 64
"""Rows of a film that fit the cache."""
_EXACT = 2**24
"""Counts up to here are whole numbers in float32, as OpenCV gives them."""


@dataclass(frozen=True, eq=False)
class Levels:
    """Every value from the smallest to the largest stored one.

    Args:
        values: (1, K), rising by one, of the type of the image.
        words: (H, W) the stored values as unsigned numbers of as many bits.
    """

    values: Stored
    words: NDArray[Any]

    def counts(self) -> NDArray[np.int64]:
        """(1, K) pixels of each value; zero of those that do not occur."""
        size = 2 ** (8 * self.words.itemsize)
        found = np.zeros(size, np.int64)
        rows = max(1, _EXACT // self.words.shape[1])
        for first in range(0, len(self.words), rows):
            band = self.words[first : first + rows]
            found += cv2.calcHist([band], [0], None, [size], [0, size]).ravel().astype(np.int64)
        return found[self._places()]

    def looked_up(self, table: NDArray[Depth]) -> NDArray[Depth]:
        """(H, W) what a (1, K) table says of each pixel."""
        return _read_off(self.words, self._whole(table))

    def as_rgb(self, table: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(H, W, 3) the same in three equal channels."""
        whole, rgb = self._whole(table), np.empty((*self.words.shape, 3), np.uint8)
        # Band by band: a grey film between the two would leave the cache.
        for first in range(0, len(rgb), _BAND):
            grey = _read_off(self.words[first : first + _BAND], whole)
            cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB, dst=rgb[first : first + _BAND])
        return rgb

    def _whole(self, table: NDArray[Depth]) -> NDArray[Depth]:
        """(65536,) or (256,) a (1, K) table by words."""
        whole = np.zeros(2 ** (8 * self.words.itemsize), table.dtype)
        whole[self._places()] = table
        return whole

    def _places(self) -> NDArray[Any]:
        return self.values.view(self.words.dtype)


def _read_off(words: NDArray[Any], whole: NDArray[Depth]) -> NDArray[Depth]:
    if LOOKS_UP_16_BITS or words.itemsize == 1:
        return np.asarray(cv2.LUT(words, whole), whole.dtype)
    return whole[words]


def levels_of(stored: Stored) -> Levels | None:
    """The values of an (H, W) image; None where they are no fewer than its pixels, or no integers.

    Integers of more than 16 bits have none either: a table of them would be too large.
    """
    if stored.dtype.kind not in "iu" or stored.itemsize > 2:
        return None
    low, high = int(stored.min()), int(stored.max())
    if high - low + 1 >= stored.size:
        return None
    words = np.ascontiguousarray(stored).view(f"u{stored.itemsize}")
    return Levels(np.arange(low, high + 1).astype(stored.dtype)[None], words)
