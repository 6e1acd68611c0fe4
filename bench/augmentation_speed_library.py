"""What every library is asked for: the same transforms of one annotated image.

Shape letters: N instances, K landmarks each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from polyclinic.sample import Sample

SIZE = (768, 1024)
LANDMARKS = 8


@dataclass(frozen=True, kw_only=True)
class Transforms:
    """How far a view may stray; what is None or zero is left out of the list.

    Args:
        degrees: range of the turn about the centre.
        scale: range of the factor.
        shear: largest shear along x, as a slope.
        shift: largest move, as a share of the sides.
        mirror: probability of a left-right flip.
        resize: (height, width) into which the image is resized, instead of all of the above.
        light: largest share of brightness and of contrast.
        gamma: largest |log2| of the exponent, where a library has gamma.
    """

    degrees: tuple[float, float] | None = None
    scale: tuple[float, float] = (1.0, 1.0)
    shear: float = 0.0
    shift: float = 0.0
    mirror: float = 0.0
    resize: tuple[int, int] | None = None
    light: float = 0.0
    gamma: float = 0.0


GEOMETRY: dict[str, Any] = {
    "degrees": (-15.0, 15.0),
    "scale": (0.8, 1.25),
    "shear": 0.1,
    "shift": 0.05,
    "mirror": 0.5,
}
TRAINING = Transforms(**GEOMETRY, light=0.2, gamma=0.4)
"""What is timed."""

EXACTNESS = {
    "training views": Transforms(**GEOMETRY),
    "mirror": Transforms(mirror=1.0),
    "turn by 90": Transforms(degrees=(90.0, 90.0)),
    "turn by 180": Transforms(degrees=(180.0, 180.0)),
    "mirror, turn by 180": Transforms(mirror=1.0, degrees=(180.0, 180.0)),
    "resize to 3/8": Transforms(resize=(288, 384)),
}
"""What is painted and found again."""


@dataclass(frozen=True, eq=False)
class View:
    """What came out, in our convention: centres of pixels at integers, boxes by their edges.

    Args:
        image: (H, W, 3).
        masks: (N, H, W) booleans.
        boxes: (N, 4).
        landmarks: (N, K, 2), NaN for an instance that was dropped.
    """

    image: NDArray[Any]
    masks: NDArray[np.bool_]
    boxes: NDArray[np.float64]
    landmarks: NDArray[np.float64]


class Library(Protocol):
    """One way to augment.

    Built from transforms, and from what the library is told a landmark on the centre of the first
    pixel is: 0, or 0.5 where the origin is taken to be the pixel's corner. Boxes are given as COCO
    and every peer have them, from the corner.
    """

    name: str

    def take(self, sample: Sample) -> Any:
        """The sample in the library's own types. Not timed."""

    def augment(self, given: Any) -> Any:
        """The transforms, from the library's types to a (3, H, W) tensor beside annotations."""

    def view(self, made: Any) -> View:
        """What came out of `augment`. Not timed."""


def whole_masks(sample: Sample) -> NDArray[np.uint8]:
    """(N, H, W) masks of 0 and 1."""
    masks = [one.mask.array() for one in sample.instances or () if one.mask is not None]
    return np.array(masks, np.uint8).reshape(-1, *sample.size)


def corner_boxes(sample: Sample) -> NDArray[np.float32]:
    """(N, 4) boxes with the origin in the corner of the first pixel."""
    boxes = [one.box + 0.5 for one in sample.instances or ()]
    return np.array(boxes, np.float32).reshape(-1, 4)


def points_of(sample: Sample, origin: float) -> NDArray[np.float32]:
    """(N, K, 2) landmarks, where the centre of the first pixel is (origin, origin)."""
    landmarks = [one.landmarks for one in sample.instances or () if one.landmarks is not None]
    points = np.array(landmarks, np.float32).reshape(len(landmarks), LANDMARKS, 3)
    return points[..., :2] + np.float32(origin)
