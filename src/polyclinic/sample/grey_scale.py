"""What is black and what is white in pixels of any type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError

TAIL = 0.001
"""Share of the pixels of an image at either end that decide nothing: hot pixels, dust, letters."""
MOST_VALUES = 2**17
"""Values of an image that are looked at, evenly spread."""
_BAND = 64
"""Rows that fit the cache."""
_WHOLE = (4095, 16383, 65535, 2**32 - 1)
_SIGNED = (127, 2047, 8191, 32767, 2**31 - 1)


@dataclass(frozen=True)
class GreyScale:
    """The values that are shown as black and as white; between them brightness is linear.

    Args:
        black: in units of the pixels.
        white: larger.

    Raises:
        DataError: white is not above black, or one of them is no number.
    """

    black: float
    white: float

    def __post_init__(self) -> None:
        """Check that there is a range."""
        if not -np.inf < self.black < self.white < np.inf:
            raise DataError(
                f"a grey scale from {self.black} to {self.white}",
                expected="two finite numbers, white above black",
            )

    @property
    def span(self) -> float:
        """From black to white."""
        return self.white - self.black

    def to_unit(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Values as shares: 0 is black, 1 white; what lies beyond stays beyond."""
        return ((np.asarray(values, np.float64) - self.black) / self.span).astype(np.float32)

    def to_rgb8(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        """(H, W, 3) 8-bit RGB of (H, W) grey values or (H, W, 3) colours; beyond is clipped."""
        if values.dtype == np.uint8 and (self.black, self.white) == (0, 255):
            shown = np.array(values)
        elif values.dtype.itemsize == 2 and values.dtype.kind in "ui":
            lowest = int(np.iinfo(values.dtype).min)
            table = self._steps(np.arange(lowest, lowest + 2**16))
            shown = table[values if lowest == 0 else values.astype(np.int32) - lowest]
        else:
            shown = np.empty(values.shape, np.uint8)
            for first in range(0, len(values), _BAND):
                shown[first : first + _BAND] = self._steps(values[first : first + _BAND])
        return shown if shown.ndim == 3 else np.repeat(shown[..., None], 3, axis=2)

    def _steps(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        clipped = np.asarray(values, np.float64).clip(self.black, self.white) - self.black
        return np.rint(clipped * (255 / self.span)).astype(np.uint8)

    def to_json(self) -> dict[str, float]:
        """Plain values for a JSON file."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """The scale that `to_json` wrote."""
        return cls(float(document["black"]), float(document["white"]))


BYTE = GreyScale(0, 255)
"""Of 8-bit pixels."""


def usual_scale(values: NDArray[Any]) -> GreyScale:
    """The scale of an image of which nothing else is known.

    White is the first of 4095, 16383, 65535 and 2^32 - 1 up to which all but `TAIL` of the values
    reach; of floats the first power of two from 1 on. Where more than `TAIL` of the values are
    negative, black is as far below zero as white is above, at 127, 2047, 8191, 32767, 2^31 - 1 or
    a power of two.
    """
    low, high = tails(values)
    if values.dtype.kind == "f":
        white = 2.0 ** np.ceil(np.log2(max(high, -low, 1)))
        return GreyScale(0 if low >= 0 else -white, white)
    if low >= 0:
        return GreyScale(0, next(step for step in _WHOLE if high <= step))
    white = next(step for step in _SIGNED if max(high, -low - 1) <= step)
    return GreyScale(-white - 1, white)


def tails(values: NDArray[Any]) -> tuple[float, float]:
    """The values below and above which `TAIL` of an image lies, at least one pixel each."""
    some = spread(values)
    left_out = min(max(1, int(TAIL * some.size)), (some.size - 1) // 2)
    ends = left_out, some.size - 1 - left_out
    low, high = np.partition(some, ends)[list(ends)]
    return float(low), float(high)


def spread(values: NDArray[Any]) -> NDArray[Any]:
    """Up to `MOST_VALUES` values of an image, evenly spread, the same each time."""
    flat = values.reshape(-1)
    return flat[:: max(1, -(-flat.size // MOST_VALUES))]
