"""A predictor for images of one size, and another one for the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from polyclinic.geometry import Size
from polyclinic.runtime.predictors.predictor import Pixels, Predicted, Predictor


class SizedPredictor:
    """Graphs that take one size, with torch for images of other sizes.

    Args:
        sized: for images of that size.
        size: (height, width).
        open_other: opens the other one, when it is needed first.
    """

    shares_passes = False

    def __init__(self, sized: Predictor, size: Size, open_other: Callable[[], Predictor]) -> None:
        self.sized, self.size, self._open_other = sized, size, open_other

    @property
    def precision(self) -> str:
        """That of the first one."""
        return self.sized.precision

    @cached_property
    def other(self) -> Predictor:
        """For images of other sizes."""
        return self._open_other()

    def predict(self, images: Sequence[Pixels], least: float) -> list[Predicted]:
        """Look at images one by one, each with the predictor for its size."""
        return [
            (self.sized if one.shape[:2] == self.size else self.other).predict([one], least)[0]
            for one in images
        ]
