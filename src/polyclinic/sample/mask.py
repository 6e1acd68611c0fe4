"""One instance's pixels: a small boolean patch placed in a frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError


@dataclass(frozen=True, eq=False, init=False, slots=True)
class Mask:
    """A boolean patch whose top left pixel is (left, top) in a frame of `size`.

    Holes, disjoint parts and overlaps with other masks are all allowed. The patch is kept with
    eight pixels a byte: a data set of 200,000 outlines fits into memory.

    Args:
        patch: (h, w) booleans.
        left: column of the patch's first pixel.
        top: row of the patch's first pixel.
        size: (height, width) of the frame that the mask belongs to.
        source: the `segmentation` object that a COCO file held, so that it is written back
            unchanged; None for masks made or moved here.
    """

    left: int
    top: int
    size: tuple[int, int]
    shape: tuple[int, int]
    source: Mapping[str, Any] | list[Any] | None = field(repr=False)
    _bits: bytes = field(repr=False)

    def __init__(
        self,
        patch: NDArray[np.bool_],
        left: int,
        top: int,
        size: tuple[int, int],
        source: Mapping[str, Any] | list[Any] | None = None,
    ) -> None:
        """Check that the patch lies inside the frame."""
        if patch.ndim != 2 or patch.dtype != np.bool_:
            raise DataError(
                f"mask patch has shape {patch.shape} and type {patch.dtype}",
                expected="(h, w) booleans",
            )
        rows, columns = patch.shape
        height, width = size
        if top < 0 or left < 0 or top + rows > height or left + columns > width:
            raise DataError(
                f"mask patch covers rows {top}:{top + rows}, columns {left}:{left + columns}",
                expected=f"a patch inside {height} x {width}",
            )
        keep = object.__setattr__
        keep(self, "left", left)
        keep(self, "top", top)
        keep(self, "size", size)
        keep(self, "shape", (rows, columns))
        keep(self, "source", source)
        keep(self, "_bits", np.packbits(patch).tobytes())

    @property
    def patch(self) -> NDArray[np.bool_]:
        """(h, w) booleans, a new array each time."""
        rows, columns = self.shape
        bits = np.unpackbits(np.frombuffer(self._bits, np.uint8), count=rows * columns)
        return bits.view(np.bool_).reshape(rows, columns)

    @classmethod
    def from_array(cls, array: NDArray[np.bool_]) -> Mask:
        """Crop a full (H, W) boolean array to what is set."""
        rows, columns = np.flatnonzero(array.any(1)), np.flatnonzero(array.any(0))
        if not len(rows):
            return cls(np.zeros((0, 0), bool), 0, 0, array.shape)
        top, left = int(rows[0]), int(columns[0])
        patch = array[top : rows[-1] + 1, left : columns[-1] + 1]
        return cls(np.ascontiguousarray(patch, dtype=bool), left, top, array.shape)

    def array(self) -> NDArray[np.bool_]:
        """The full (H, W) boolean array."""
        full = np.zeros(self.size, bool)
        height, width = self.shape
        full[self.top : self.top + height, self.left : self.left + width] = self.patch
        return full

    @property
    def area(self) -> int:
        """Number of pixels set."""
        return int.from_bytes(self._bits).bit_count()

    def box(self) -> NDArray[np.float64]:
        """Tight (x1, y1, x2, y2) edges around what is set; NaN for an empty mask."""
        patch = self.patch
        rows, columns = np.flatnonzero(patch.any(1)), np.flatnonzero(patch.any(0))
        if not len(rows):
            return np.full(4, np.nan)
        x1, y1 = self.left + columns[0] - 0.5, self.top + rows[0] - 0.5
        x2, y2 = self.left + columns[-1] + 0.5, self.top + rows[-1] + 0.5
        return np.array([x1, y1, x2, y2], float)

    def intersection(self, other: Mask) -> int:
        """Number of pixels set in both masks."""
        top, left = max(self.top, other.top), max(self.left, other.left)
        bottom = min(self.top + self.shape[0], other.top + other.shape[0])
        right = min(self.left + self.shape[1], other.left + other.shape[1])
        if bottom <= top or right <= left:
            return 0
        mine = self.patch[top - self.top : bottom - self.top, left - self.left : right - self.left]
        theirs = other.patch[
            top - other.top : bottom - other.top, left - other.left : right - other.left
        ]
        return int(np.count_nonzero(mine & theirs))

    def iou(self, other: Mask) -> float:
        """Intersection over union; 0 when both are empty."""
        shared = self.intersection(other)
        union = self.area + other.area - shared
        return shared / union if union else 0.0
