"""Painted views are judged rightly: what is displaced on purpose is found by as much."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bench.augmentation_speed_library import EXACTNESS, Transforms, View
from bench.augmentation_speed_monai import Monai
from bench.augmentation_speed_ours import Polyclinic, PolyclinicWholeMasks
from bench.augmentation_speed_scenes import centroid, errors, paint, sides, spot_error
from bench.augmentation_speed_torchvision import Torchvision

STILL = Transforms()


def painted(transforms: Transforms = STILL, key: int = 0) -> View:
    library = Polyclinic(transforms, seed=key)
    return library.view(library.augment(library.take(paint(np.random.default_rng(key)))))


def test_what_is_painted_is_found_where_it_is() -> None:
    found = errors(painted())
    assert {kind: len(values) for kind, values in found.items()} == {
        "landmark": 40,
        "mask centre": 5,
        "mask edge": 5,
        "box": 5,
    }
    assert found["landmark"].max() < 0.01
    for kind in ("mask centre", "mask edge", "box"):
        assert found[kind].max() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("move", [(0.5, 0.0), (-0.3, 0.4), (3.0, -4.0)])
def test_displaced_landmarks_are_found_by_as_much(move: tuple[float, float]) -> None:
    view = painted()
    found = errors(replace(view, landmarks=view.landmarks + move))["landmark"]
    assert found == pytest.approx(np.hypot(*move), abs=0.01)


def test_displaced_masks_and_boxes_are_found_by_as_much() -> None:
    view = painted()
    masks = np.roll(view.masks, 2, axis=2)
    found = errors(replace(view, masks=masks, boxes=view.boxes + np.array([0, 0, 0.75, -0.25])))
    assert found["mask centre"] == pytest.approx(2, abs=1e-9)
    assert found["mask edge"].min() > 0.5
    assert found["box"] == pytest.approx(0.75)


def test_a_lost_spot_counts_as_far_and_one_at_the_rim_not_at_all() -> None:
    black = np.zeros((100, 100))
    assert spot_error(black, np.array([50.0, 50]), 18) == 18
    assert np.isnan(spot_error(black, np.array([5.0, 50]), 18))
    view = painted()
    dropped = replace(view, landmarks=np.full_like(view.landmarks, np.nan))
    assert not len(errors(dropped)["landmark"])


def test_a_centroid_is_the_mean_place_of_the_weight() -> None:
    weights = np.zeros((5, 7))
    weights[1, 2], weights[3, 6] = 1, 3
    assert centroid(weights) == pytest.approx([5, 2.5])


def test_sides_that_lost_their_names_are_seen() -> None:
    mirrored = painted(EXACTNESS["mirror"])
    assert sides(mirrored).all()
    assert sides(mirrored).size == 15
    lost = mirrored.landmarks[:, [0, 1, 5, 4, 3, 2, 7, 6]]
    assert not sides(replace(mirrored, landmarks=lost)).any()


@pytest.mark.parametrize("name", EXACTNESS)
def test_ours_is_exact(name: str) -> None:
    for key in range(2):
        found = errors(painted(EXACTNESS[name], key))
        assert all(len(values) for values in found.values())
        assert found["landmark"].max() < 0.05
        assert found["mask centre"].max() < 0.15
        assert found["box"].max() <= 1


@pytest.mark.parametrize(
    ("library", "origin", "error"),
    [(Torchvision, 0.0, np.sqrt(2)), (Torchvision, 0.5, 0.0), (Monai, 0.0, 0.0)],
)
def test_peers_are_taken_and_given_back_as_they_are(
    library: type, origin: float, error: float
) -> None:
    """torchvision turns points about the corner of the first pixel, images about its centre."""
    one = library(EXACTNESS["turn by 180"], origin)
    found = errors(one.view(one.augment(one.take(paint(np.random.default_rng(0))))))
    assert found["landmark"] == pytest.approx(error, abs=0.01)
    assert found["mask edge"].max() < 0.01
    assert found["box"].max() < 0.01


def test_whole_masks_are_the_same_masks() -> None:
    sample = paint(np.random.default_rng(3))
    library = PolyclinicWholeMasks(EXACTNESS["training views"], seed=3)
    view = library.view(library.augment(library.take(sample)))
    np.testing.assert_array_equal(library.unpacked, view.masks)
