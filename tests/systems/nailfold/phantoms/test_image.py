from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from polyclinic.errors import ConfigError
from polyclinic.schema import NAILFOLD_CLASSES
from polyclinic.systems.nailfold.phantoms import STATES, NailfoldPhantomConfig, make_image
from polyclinic.systems.nailfold.phantoms.disease import ABNORMAL_SHAPES

FIELDS = 6


@pytest.fixture(scope="module")
def images():
    return {state: [make_image(seed, state) for seed in range(FIELDS)] for state in STATES}


@pytest.fixture(scope="module")
def found(images):
    return [
        (NAILFOLD_CLASSES[one.category], one)
        for some in images.values()
        for image in some
        for one in image.instances
    ]


def mean_count(images, chosen):
    return np.mean([sum(chosen(one) for one in image.instances) for image in images])


def is_distal(one):
    return one.extra["truth"].get("row") == 0


def is_giant(one):
    return one.extra["truth"]["shape"] == "giant"


def is_haemorrhage(one):
    return NAILFOLD_CLASSES[one.category] == "haemorrhage"


def test_the_same_seed_gives_the_same_image_and_another_seed_another():
    first, again, other = (make_image(seed, "active") for seed in (5, 5, 6))
    assert np.array_equal(first.image, again.image)
    assert [one.extra for one in first.instances] == [one.extra for one in again.instances]
    assert not np.array_equal(first.image, other.image)


def test_an_image_has_the_size_and_scale_of_its_configuration():
    config = NailfoldPhantomConfig(size=(201, 333), um_per_px=2.5)
    sample = make_image(1, "normal", config)
    assert sample.image.shape == (201, 333, 3)
    assert sample.image.dtype == np.uint8
    assert sample.spacing.row_mm == sample.spacing.column_mm == 0.0025
    assert sample.spacing.origin == "calibrated"
    assert sample.labels == {"state": "normal"}


def test_an_unknown_state_and_a_falling_range_are_refused():
    with pytest.raises(ConfigError, match="no state"):
        make_image(1, "mild")
    with pytest.raises(ConfigError, match="lower one first"):
        NailfoldPhantomConfig.parse({"noise": (0.02, 0.01)})


def test_boxes_are_tight_round_the_masks(found):
    for _, one in found:
        assert np.array_equal(one.box, one.mask.box())


def test_classes_follow_their_rule(found):
    for name, one in found:
        truth = one.extra["truth"]
        if name == "haemorrhage":
            assert truth["shape"] in ("blot", "caps")
        elif name == "blur":
            assert not truth["in_focus"]
        elif name == "aggregation":
            assert truth["aggregated"]
            assert truth["in_focus"]
        else:
            assert (truth["shape"] in ABNORMAL_SHAPES) == (name == "abnormal")
            assert not truth["aggregated"]
            assert truth["in_focus"]


def test_no_loop_lies_between_dilated_and_giant(found):
    for _, one in found:
        truth = one.extra["truth"]
        if is_giant(one):
            assert truth["apical_diameter_um"] >= 50
        elif truth["shape"] in ("hairpin", "tortuous", "crossing", "dilated"):
            assert truth["apical_diameter_um"] <= 40


def test_only_haemorrhages_and_blurred_loops_go_without_landmarks(found):
    for name, one in found:
        if name in ("haemorrhage", "blur"):
            assert one.landmarks is None
        elif one.landmarks is None:
            x1, y1, x2, y2 = one.box
            assert min(x1 + 0.5, y1 + 0.5, 1023.5 - x2, 767.5 - y2) == 0, "cut by the border"


def test_wall_landmarks_are_as_far_apart_as_the_stated_diameters(found):
    compared = 0
    for _, one in found:
        if one.landmarks is None or not one.landmarks[:6, 2].all():
            continue
        points, truth = one.landmarks[:, :2], one.extra["truth"]
        for row, key in ((0, "apical"), (2, "left"), (4, "right")):
            distance = np.linalg.norm(points[row] - points[row + 1])
            assert distance == pytest.approx(truth[f"{key}_diameter_um"] / 1.7, abs=0.05)
            compared += 1
    assert compared > 300


def test_landmarks_lie_inside_the_image_and_near_the_box(found):
    for _, one in found:
        if one.landmarks is None:
            continue
        x, y = one.landmarks[one.landmarks[:, 2] > 0, :2].T
        x1, y1, x2, y2 = one.box + np.array([-1.5, -1.5, 1.5, 1.5])
        assert ((x >= x1) & (x <= x2) & (y >= y1) & (y <= y2)).all()


def test_the_arterial_limb_is_thinner(found):
    ratios = []
    for name, one in found:
        truth = one.extra["truth"]
        if name == "normal":
            other = {"left": "right", "right": "left"}[truth["arterial_side"]]
            arterial = truth[f"{truth['arterial_side']}_diameter_um"]
            ratios.append(arterial / truth[f"{other}_diameter_um"])
    assert 0.65 < np.mean(ratios) < 0.9


def test_states_differ_as_their_patterns_say(images):
    density = {s: mean_count(images[s], is_distal) / 1.74 for s in STATES}
    giants = {s: mean_count(images[s], is_giant) for s in STATES}
    bleeding = {s: mean_count(images[s], is_haemorrhage) for s in STATES}
    assert 7 <= density["normal"] <= 12
    assert density["normal"] > density["active"] > density["late"]
    assert giants["normal"] == 0
    assert giants["active"] > giants["early"] > 0
    assert giants["active"] > giants["late"]
    assert bleeding["active"] > bleeding["early"] > bleeding["normal"]
    assert bleeding["active"] > bleeding["late"]


def test_every_class_is_at_least_one_instance_in_twenty_and_most_are_normal(found):
    counts = Counter(name for name, _ in found)
    assert set(counts) == set(NAILFOLD_CLASSES)
    assert min(counts.values()) / len(found) > 0.05
    assert 0.5 < counts["normal"] / len(found) < 0.75


def test_loops_are_darker_than_the_skin_beside_them(images):
    for image in images["normal"]:
        green = image.image[..., 1].astype(float)
        everything = np.zeros(image.size, bool)
        for one in image.instances:
            everything |= one.mask.array()
        for one in image.instances:
            x1, y1, x2, y2 = (one.box + 0.5).astype(int)
            window = np.s_[max(y1 - 4, 0) : y2 + 4, max(x1 - 6, 0) : x2 + 6]
            skin = ~everything[window]
            assert np.median(green[one.mask.array()]) < np.median(green[window][skin])
