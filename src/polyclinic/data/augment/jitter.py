"""Landmarks a little beside where they were annotated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from polyclinic.geometry import Homography, move_landmarks
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
