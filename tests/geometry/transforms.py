"""Every transform that the conformance suite runs; a new one joins by one line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.augment import AugmentConfig, FrameConfig, random_view
from polyclinic.geometry import Homography, Size

# Not square, and divisible by none of the averaging cells 2, 3 and 5.
FRAME: Size = (337, 421)
CENTRE = (210.0, 168.0)


@dataclass(frozen=True)
class Transform:
    """A homography and the frame it moves `FRAME` into.

    Args:
        exactly: the same move written as array indexing, where one exists.
    """

    name: str
    homography: Homography
    size: Size = FRAME
    exactly: Callable[[NDArray[np.generic]], NDArray[np.generic]] | None = None

    def __str__(self) -> str:
        return self.name


def _resize(name: str, size: Size) -> Transform:
    return Transform(name, Homography.resize(FRAME, size), size)


def _perspective(a: float, b: float) -> Homography:
    return Homography(np.array([[1, 0.02, -8], [-0.03, 1, 5], [a, b, 1]]))


def _random_view(key: int) -> Transform:
    """A training view with the perspective and the moves of KNEEL."""
    augment = AugmentConfig(degrees=90, shear=0.1, perspective=0.93, shift=0.05)
    rng = np.random.default_rng(key)
    return Transform(
        f"random view {key}", *random_view(FRAME, FrameConfig(longest=421), augment, rng)
    )


_TALL = (FRAME[1], FRAME[0])

EXACT = [
    Transform("identity", Homography.identity(), exactly=lambda a: a),
    Transform("mirror", Homography.mirror(FRAME[1]), exactly=lambda a: a[:, ::-1]),
    Transform("upend", Homography.upend(FRAME[0]), exactly=lambda a: a[::-1]),
    Transform("quarter turn", Homography.quarter_turns(1, FRAME), _TALL, np.rot90),
    Transform("half turn", Homography.quarter_turns(2, FRAME), FRAME, lambda a: np.rot90(a, 2)),
    Transform(
        "three quarters", Homography.quarter_turns(3, FRAME), _TALL, lambda a: np.rot90(a, 3)
    ),
    Transform(
        "transpose",
        Homography.quarter_turns(1, FRAME) @ Homography.mirror(FRAME[1]),
        _TALL,
        lambda a: np.rot90(a[:, ::-1]),
    ),
    Transform(
        "crop",
        Homography.translation(-37, -22),
        (290, 350),
        lambda a: a[22 : 22 + 290, 37 : 37 + 350],
    ),
    Transform(
        "mirrored crop",
        Homography.translation(-20, -31) @ Homography.mirror(FRAME[1]),
        (300, 380),
        lambda a: a[:, ::-1][31 : 31 + 300, 20 : 20 + 380],
    ),
]

SMOOTH = [
    Transform("half pixel", Homography.translation(0.5, -0.5)),
    Transform("small turn", Homography.about(CENTRE, degrees=3.1)),
    Transform("turn", Homography.about(CENTRE, degrees=-37, shift=(4.3, -7.8))),
    Transform("turn and shrink", Homography.about(CENTRE, degrees=71, scale=0.4)),
    Transform("turn and enlarge", Homography.about(CENTRE, degrees=160, scale=1.7)),
    Transform("shear", Homography.about(CENTRE, shear=0.25)),
    Transform("shear and turn", Homography.about(CENTRE, degrees=25, shear=-0.3, scale=0.9)),
    Transform("mirrored turn", Homography.about(CENTRE, degrees=12) @ Homography.mirror(FRAME[1])),
    Transform("perspective", _perspective(2e-4, -3e-4)),
    Transform(
        "perspective and shrink",
        Homography.resize(FRAME, (113, 141)) @ _perspective(-2e-4, 1e-4),
        (113, 141),
    ),
    _resize("shrink by 1.9", (177, 222)),
    _resize("shrink by 2", (168, 210)),
    _resize("shrink by 2.67", (126, 158)),
    _resize("shrink by 3.5", (96, 120)),
    _resize("shrink by 5", (67, 84)),
    _resize("shrink rows only", (120, 421)),
    _resize("shrink rows, enlarge columns", (150, 600)),
    _resize("enlarge by 2.3", (775, 968)),
    *(_random_view(key) for key in range(4)),
]

TRANSFORMS = EXACT + SMOOTH
