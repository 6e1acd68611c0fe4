"""One object in an image: annotated by a person or found by a reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError
from polyclinic.sample.mask import Mask


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Instance:
    """An object with whatever is known of it; None means *not annotated*, never *empty*.

    Args:
        box: (4,) x1, y1, x2, y2 edges in pixels.
        category: index into the class names of the cohort or reading.
        mask: its pixels.
        landmarks: (K, 3) x, y, visibility in the order of the landmark schema; visibility as in
            COCO: 0 not labelled or outside, 1 hidden, 2 visible.
        score: confidence of a found instance, 0 to 1.
        probabilities: (C,) class probabilities of a found instance.
        landmark_confidence: (K,) confidence of each found landmark, 0 to 1.
        crowd: a region of uncounted objects: neither a hit nor a miss.
        refused: whether a reader was too unsure of it: nothing else may be made of what is measured
            on it.
        rater: who annotated it.
        outlines: (N, 2) x, y of open lines that bound parts of it, by name, such as the joint
            surfaces of bones.
        labels: what is said of this object by name, such as its grade; a missing key is *not
            annotated*.
        id: the identity in the file it came from.
        extra: further keys of the COCO annotation, written back unchanged.
    """

    box: NDArray[np.float64]
    category: int | None = None
    mask: Mask | None = None
    landmarks: NDArray[np.float64] | None = None
    score: float | None = None
    probabilities: NDArray[np.float64] | None = None
    landmark_confidence: NDArray[np.float64] | None = None
    crowd: bool = False
    refused: bool = False
    rater: str | None = None
    outlines: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    labels: Mapping[str, Any] = field(default_factory=dict)
    id: int | str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Check the shapes."""
        _shaped("box", self.box, (4,))
        if self.landmarks is not None:
            _shaped("landmarks", self.landmarks, (None, 3))
        if self.landmark_confidence is not None:
            rows = None if self.landmarks is None else len(self.landmarks)
            _shaped("landmark_confidence", self.landmark_confidence, (rows,))

        for name, line in self.outlines.items():
            _shaped(f"outline {name!r}", line, (None, 2))

    @property
    def has_visible_landmarks(self) -> bool:
        """Whether at least one landmark is labelled."""
        return self.landmarks is not None and bool((self.landmarks[:, 2] > 0).any())


def _shaped(name: str, array: NDArray[np.float64], shape: tuple[int | None, ...]) -> None:
    if array.shape == shape:
        return
    same_rank = array.ndim == len(shape)
    if not same_rank or any(w not in (None, h) for w, h in zip(shape, array.shape, strict=True)):
        raise DataError(
            f"{name} has shape {array.shape}",
            expected=f"({', '.join('any' if s is None else str(s) for s in shape)})",
        )
