"""A random view as one homography, and landmarks a little beside their places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.augment.config import AugmentConfig
from polyclinic.data.augment.frame import FrameConfig
from polyclinic.geometry import Homography, Size, move_landmarks
from polyclinic.sample import Sample


def jitter_landmarks(sample: Sample, share: float, rng: np.random.Generator) -> Sample:
    """Move each landmark by some whole pixels, in half of the samples; the image stays.

    What annotators disagree by is then not learned as if it were certain. As in KNEEL, x and y
    each move by int(U(-share, share) * side): a side of less than 1 / share pixels moves nothing.
    Visibility stays, but landmarks that are pushed outside become not labelled. Boxes and masks
    stay.

    Args:
        sample: a training view.
        share: farthest move, as a share of the longer side of the view.
        rng: decides whether and how far.
    """
    if rng.random() >= 0.5 or not share or sample.instances is None:
        return sample
    still, jittered = Homography.identity(), []
    for instance in sample.instances:
        if instance.landmarks is not None:
            landmarks = instance.landmarks.copy()
            moves = rng.uniform(-share, share, (len(landmarks), 2)) * max(sample.size)
            landmarks[:, :2] += np.trunc(moves)
            instance = replace(instance, landmarks=move_landmarks(landmarks, still, sample.size))
        jittered.append(instance)
    return replace(sample, instances=tuple(jittered))


UNWARPED: Mapping[str, Any] = {
    "degrees": 0.0,
    "scale": (1.0, 1.0),
    "shear": 0.0,
    "perspective": 0.0,
}
UNZOOMED: Mapping[str, Any] = {"zoom": (1.0, 1.0)}
STILL: Mapping[str, Any] = {"mirror": 0.0, "upend": 0.0, **UNWARPED, **UNZOOMED}


def random_view(
    size: Size, frame: FrameConfig, augment: AugmentConfig, rng: np.random.Generator
) -> tuple[Homography, Size]:
    """Draw flips, perspective, turn, scale, crop and shift.

    The image is scaled to `frame` times a random factor, tilted and turned about its centre, and
    cut to a square of at most `frame.longest` at a random place; what is smaller stays smaller
    (large scale jitter with a fixed crop and no padding, Ghiasi et al., CVPR 2021, as detectron2
    does). The view is then moved by whole pixels, so that what lies beside the image comes in.

    The perspective leaves the centre as it is: a point x, y sides of the image away from it lies
    at (x, y) / (1 + a x + b y), where a and b are drawn from +-`perspective`. Below 1, no part of
    the image lies behind the horizon.

    Returns:
        The map from image to view, and the view's (height, width).
    """
    # A stream of their own for what came later: it leaves the views of the others as they were.
    (later,) = rng.spawn(1)
    augment = _for_this_view(augment, later)
    fitted = frame.fit(size)
    view = Homography.resize(size, fitted)
    if rng.random() < augment.mirror:
        view = Homography.mirror(fitted[1]) @ view
    if rng.random() < augment.upend:
        view = Homography.upend(fitted[0]) @ view
    factor = float(rng.uniform(*augment.scale) * later.uniform(*augment.zoom))
    scaled: Size = (max(1, round(fitted[0] * factor)), max(1, round(fitted[1] * factor)))
    view = _tilt(scaled, later.uniform(-1, 1, 2) * augment.perspective) @ (
        Homography.resize(fitted, scaled) @ view
    )
    view = (
        Homography.about(
            _centre(scaled),
            degrees=float(rng.uniform(-augment.degrees, augment.degrees)),
            shear=float(rng.uniform(-augment.shear, augment.shear)),
        )
        @ view
    )
    cut: Size = (min(scaled[0], frame.longest), min(scaled[1], frame.longest))
    left = int(rng.integers(scaled[1] - cut[1] + 1))
    top = int(rng.integers(scaled[0] - cut[0] + 1))
    down, right = np.rint(later.uniform(-1, 1, 2) * augment.shift * cut)
    return Homography.translation(right - left, down - top) @ view, cut


def _for_this_view(augment: AugmentConfig, rng: np.random.Generator) -> AugmentConfig:
    """Amounts for one view: nothing for what it is spared."""
    changed, warped, zoomed = rng.random(3) < (augment.plane, augment.warp, 0.5)
    if not changed:
        return augment.model_copy(update=STILL)
    spared = {**({} if warped else UNWARPED), **({} if zoomed else UNZOOMED)}
    return augment.model_copy(update=spared)


def _tilt(size: Size, terms: NDArray[np.float64]) -> Homography:
    """A perspective about the centre of a frame, by its row terms times the longer side."""
    x, y = _centre(size)
    tilted = np.eye(3)
    tilted[2, :2] = terms / max(size)
    return Homography.translation(x, y) @ Homography(tilted) @ Homography.translation(-x, -y)


def _centre(size: Size) -> tuple[float, float]:
    return (size[1] - 1) / 2, (size[0] - 1) / 2
