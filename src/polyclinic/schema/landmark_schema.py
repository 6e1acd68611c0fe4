"""Names, sides and sizes of a set of landmarks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError


@dataclass(frozen=True, kw_only=True)
class LandmarkSchema:
    """What the rows of a landmark array mean.

    Args:
        names: one name a landmark, in order.
        swaps: pairs of names that change places when the image is mirrored.
        skeleton: pairs of names joined by a line in drawings.
        sigmas: per-landmark OKS sigma as a share of the object's scale (COCO's k/2); empty
            means 0.05 each (ANFC: 1/20).
    """

    names: tuple[str, ...]
    swaps: tuple[tuple[str, str], ...] = ()
    skeleton: tuple[tuple[str, str], ...] = ()
    sigmas: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Check names, pairs and sigmas against each other."""
        if len(set(self.names)) != len(self.names):
            raise DataError("landmark names repeat", expected="unique names")
        for first, second in (*self.swaps, *self.skeleton):
            for name in (first, second):
                if name not in self.names:
                    raise DataError(
                        f"landmark {name!r} is not in the schema",
                        expected=f"one of {', '.join(self.names)}",
                    )
        swapped = [name for pair in self.swaps for name in pair]
        if len(set(swapped)) != len(swapped):
            raise DataError("a landmark is in two swap pairs", expected="one pair a landmark")
        if not self.sigmas:
            object.__setattr__(self, "sigmas", (0.05,) * len(self.names))
        if len(self.sigmas) != len(self.names):
            raise DataError(f"{len(self.sigmas)} sigmas", expected=f"{len(self.names)}")

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> LandmarkSchema:
        """The schema that `dataclasses.asdict` and JSON made plain."""
        return cls(
            names=tuple(document["names"]),
            swaps=tuple((first, second) for first, second in document["swaps"]),
            skeleton=tuple((first, second) for first, second in document["skeleton"]),
            sigmas=tuple(document["sigmas"]),
        )

    def __len__(self) -> int:
        """Number of landmarks."""
        return len(self.names)

    def index(self, name: str) -> int:
        """Row of a landmark.

        Raises:
            DataError: there is no such landmark.
        """
        if name not in self.names:
            raise DataError(
                f"no landmark is named {name!r}", expected=f"one of {', '.join(self.names)}"
            )
        return self.names.index(name)

    @property
    def mirror_order(self) -> NDArray[np.intp]:
        """Row order after a reflection: `landmarks[mirror_order]`; twice is the identity."""
        order = np.arange(len(self.names))
        for first, second in self.swaps:
            a, b = self.names.index(first), self.names.index(second)
            order[a], order[b] = b, a
        return order
