"""Readings drawn by Hypothesis, as members of an ensemble might give them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from polyclinic.reading import Reading
from polyclinic.sample import Instance, Mask
from polyclinic.schema import LandmarkSchema

SIZE = (24, 32)
CLASSES = ("one", "two")
SCHEMA = LandmarkSchema(names=("tip", "left", "right"), swaps=(("left", "right"),))
SCORES = st.sampled_from([0.0, 0.1, 0.3, 0.35, 0.7, 0.9, 1.0])
"""Few values, so that ties are drawn often."""


@st.composite
def instances(draw):
    """A rectangle near one of few places, so that members often mean the same object."""
    left, top = draw(st.integers(0, 8)), draw(st.integers(0, 8))
    width, height = draw(st.integers(4, 8)), draw(st.integers(4, 8))
    full = np.zeros(SIZE, bool)
    full[top : top + height, left : left + width] = True
    mask = draw(st.sampled_from(["whole", "holed", "none", "empty"]))
    if mask == "holed":
        full[top + 1, left + 1] = False
    if mask == "empty":
        full[:] = False
    share = draw(SCORES)
    marked = draw(st.booleans())
    points = [(left + i, top + i, draw(st.sampled_from([0, 1, 2]))) for i in range(3)]
    return Instance(
        box=np.array([left, top, left + width, top + height], float) - 0.5,
        category=draw(st.sampled_from([0, 1])),
        score=draw(SCORES),
        mask=None if mask == "none" else Mask.from_array(full),
        probabilities=np.array([share, 1 - share]),
        landmarks=np.array(points, float) if marked else None,
        landmark_confidence=np.array([draw(SCORES) for _ in range(3)]) if marked else None,
    )


@st.composite
def readings(draw):
    """Everything that a reader may say of one image."""
    found = draw(st.lists(instances(), max_size=5))
    share = draw(SCORES)
    seed = draw(st.integers(0, 3))
    random = np.random.default_rng(seed)
    return Reading(
        image_id=1,
        size=SIZE,
        classes=CLASSES,
        landmark_schema=SCHEMA,
        instances=tuple(sorted(found, key=lambda one: -one.score)),
        label_maps={"layers": random.integers(0, 3, SIZE).astype(np.uint8)},
        findings={"grade": {"0": share, "1": 1 - share}},
        quality={"sharpness": draw(SCORES)},
        restored=random.integers(0, 256, (*SIZE, 3)).astype(np.uint8),
        flags=tuple(draw(st.lists(st.sampled_from(["blur", "dark"]), unique=True))),
    )


def members(least=1, most=4):
    """Several readings of one image."""
    return st.lists(readings(), min_size=least, max_size=most)


def same_array(first, second):
    """Both missing, or equal bit by bit."""
    if first is None or second is None:
        return first is second
    return np.array_equal(first, second)


def assert_same(first, second, *, quality=True):
    """Two readings say exactly the same."""
    assert len(first.instances) == len(second.instances)
    for mine, theirs in zip(first.instances, second.instances, strict=True):
        assert same_array(mine.box, theirs.box)
        assert (mine.category, mine.score) == (theirs.category, theirs.score)
        assert same_array(mine.probabilities, theirs.probabilities)
        assert same_array(mine.landmarks, theirs.landmarks)
        assert same_array(mine.landmark_confidence, theirs.landmark_confidence)
        assert (mine.mask is None) == (theirs.mask is None)
        if mine.mask is not None:
            assert same_array(mine.mask.array(), theirs.mask.array())
    assert first.label_maps.keys() == second.label_maps.keys()
    assert all(same_array(first.label_maps[k], second.label_maps[k]) for k in first.label_maps)
    assert same_array(first.restored, second.restored)
    assert first.findings == second.findings
    assert set(first.flags) == set(second.flags)
    if quality:
        assert first.quality == second.quality
