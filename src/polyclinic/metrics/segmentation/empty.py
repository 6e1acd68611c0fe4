"""What becomes of images on which nothing is annotated, nothing is found, or neither."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EMPTY_CASE_POLICY = (
    "Nothing annotated and nothing found: left out of Dice and distances, counted as agreed. "
    "Annotated and not found, or found and not annotated: Dice 0, surface Dice 0, "
    "distances the diagonal of the image."
)
"""One line for the report."""


@dataclass(frozen=True, kw_only=True)
class EmptyCases:
    """In how many images a class is annotated, found, both or neither.

    Args:
        name: the class; empty for all classes together.
        neither: agreed to be empty.
        only_annotated: missed altogether.
        only_found: invented altogether.
        both: the images that have distances of their own.
    """

    name: str = ""
    neither: int
    only_annotated: int
    only_found: int
    both: int

    @classmethod
    def of(cls, name: str, held: NDArray[np.bool_]) -> EmptyCases:
        """Count images by (M, 2) whether anything is annotated, and found."""
        annotated, found = held.T
        return cls(
            name=name,
            neither=int(np.sum(~annotated & ~found)),
            only_annotated=int(np.sum(annotated & ~found)),
            only_found=int(np.sum(~annotated & found)),
            both=int(np.sum(annotated & found)),
        )
