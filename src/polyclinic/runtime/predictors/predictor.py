"""What a reader asks of a network, however it is run; of one size each, with a fallback."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy, deepcopy
from functools import cached_property
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from polyclinic.console import MessageCallback
from polyclinic.errors import ImageError, reason
from polyclinic.geometry import Size

Pixels = NDArray[np.uint8]
Predicted = Mapping[str, Mapping[str, NDArray[Any]]]
"""What each task found in one image, by name of the task; network pixels."""


class Predictor(Protocol):
    """Runs a network."""

    @property
    def precision(self) -> str:
        """How it computes, such as `torch fp32`."""
        ...

    @property
    def shares_passes(self) -> bool:
        """Whether images of one size gain from being given together."""
        ...

    def predict(self, images: Sequence[Pixels], least: float) -> list[Predicted]:
        """Look at images.

        Args:
            images: (h, w, 3) RGB of one size.
            least: instances with a lower score may be left out.
        """
        ...


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


class FallingBack:
    """Runs a network fast for as long as that works, then as it was made.

    An image for which the fast one has no finite answer is looked at by the plain one alone;
    whatever else goes wrong, the plain one looks at all that follow.

    Args:
        fast: runs the network.
        open_plain: opens what runs it as it was made, when it is needed first.
        say: told once what went wrong.
    """

    shares_passes = False

    def __init__(
        self, fast: Predictor, open_plain: Callable[[], Predictor], say: MessageCallback
    ) -> None:
        self.fast, self._open_plain, self._say = fast, open_plain, say
        self.failed = False

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """With predictors of its own; who is told stays."""
        other = copy(self)
        other.fast = deepcopy(self.fast, memo)
        return other

    @property
    def precision(self) -> str:
        """That of the fast one: a read that goes on must have begun so."""
        return self.fast.precision

    @cached_property
    def plain(self) -> Predictor:
        """As the network was made."""
        return self._open_plain()

    def predict(self, images: Sequence[Pixels], least: float) -> list[Predicted]:
        """Look at images one by one.

        Raises:
            ImageError: the plain one can't take an image, or has no finite answer.
        """
        return [self._predict(image, least) for image in images]

    def _predict(self, image: Pixels, least: float) -> Predicted:
        if not self.failed:
            try:
                return self.fast.predict([image], least)[0]
            except ImageError:
                pass
            except Exception as error:  # runtimes have exceptions of all kinds
                self.failed = True
                self._say(f"{self.precision} failed, so images are read plainly: {reason(error)}")
        return self.plain.predict([image], least)[0]
