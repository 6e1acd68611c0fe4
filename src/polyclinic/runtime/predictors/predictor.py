"""What a reader asks of a network, however it is run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

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
