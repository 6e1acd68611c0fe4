"""Fallback to the plain predictor, where a faster one was chosen by itself and fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy, deepcopy
from functools import cached_property
from typing import Any, Self

from polyclinic.errors import ImageError, reason
from polyclinic.runtime.predictors.predictor import Pixels, Predicted, Predictor

Say = Callable[[str], None]


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

    def __init__(self, fast: Predictor, open_plain: Callable[[], Predictor], say: Say) -> None:
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
