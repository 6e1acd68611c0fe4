"""What the two networks are trained on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.errors import DataError
from polyclinic.sample import Instance, Spacing
from polyclinic.schema import KNEE_CLASSES, KNEE_LANDMARKS, LandmarkSchema
from polyclinic.schema.knee import ABSENT, IMPLANT, KNEE, NATIVE
from polyclinic.systems.knee.films import FilmConfig, knee_views, locate_views
from polyclinic.systems.knee.films.views import CENTRE_SCHEMA
from tests.systems.knee.films.painted import CENTRE, brightest, film, knee, landmarks, spots

PLAIN = FilmConfig(decoys=0.0)
RIGHT, LEFT = (90.0, 120.0), (310.0, 130.0)


def placed(taken, config=PLAIN, schema=KNEE_LANDMARKS, classes=KNEE_CLASSES):
    return knee_views(taken, classes, schema, config, 140)


def located(taken, config=PLAIN, schema=KNEE_LANDMARKS, classes=KNEE_CLASSES):
    return locate_views(taken, classes, schema, config, 128)


def both(**changes):
    return film(knees=[knee(LEFT, "left", kl=3), knee(RIGHT, kl=1)], **changes)


def test_both_knees_of_a_film_look_alike():
    right, left = placed(both())
    assert [view.image_id for view in (right, left)] == ["film right", "film left"]
    assert [view.instances[0].labels["kl"] for view in (right, left)] == [1, 3]
    for view in (right, left):
        assert view.size == (140, 140)
        assert view.labels == {KNEE: NATIVE}
        [one] = view.instances
        assert one.category == 0
        assert np.allclose(one.box, [-0.5, -0.5, 139.5, 139.5])
        assert np.allclose(one.landmarks[CENTRE, :2], 69.5)
        assert (np.diff(one.landmarks[:9, 0]) > 0).all(), "lateral comes first in both"
    assert np.allclose(right.instances[0].landmarks, left.instances[0].landmarks)


def test_the_first_network_sees_halves_with_one_point():
    views = located(both())
    assert len(CENTRE_SCHEMA) == 1
    for view, x in zip(views, (RIGHT[0], 399 - LEFT[0]), strict=True):
        [one] = view.instances
        assert one.landmarks.shape == (1, 3)
        # 450 mm around the middle of a half of 200 columns of 1 mm; the left one is mirrored.
        assert one.landmarks[0, 0] == pytest.approx(63.5 + (x - 99.5) * 128 / 450)
        assert one.landmarks[0, 2] == 2


def test_a_replaced_knee_is_seen_without_landmarks():
    taken = film(knees=[knee(RIGHT, knee=IMPLANT), knee(LEFT, "left", knee=NATIVE)])
    implant, native = placed(taken)
    assert (implant.labels[KNEE], native.labels[KNEE]) == (IMPLANT, NATIVE)
    assert implant.instances[0].landmarks is None
    box = taken.instances[0].box
    middle = (box[:2] + box[2:]) / 2
    assert np.abs(brightest(implant.pixels) - 69.5).max() < 0.5, "around the middle of its box"
    [centre, _] = located(taken)
    window = (middle - (99.5, 119.5)) * 128 / 450 + 63.5
    assert np.allclose(centre.instances[0].landmarks[0, :2], window)


def test_a_half_without_a_knee_says_so_and_teaches_no_centre():
    taken = film(knees=[knee(LEFT, "left")])
    empty, seen = placed(taken)
    assert (empty.labels[KNEE], empty.instances) == (ABSENT, ())
    assert seen.labels[KNEE] == NATIVE
    assert [view.image_id for view in located(taken)] == ["film left"]
    assert [view.labels[KNEE] for view in placed(film(knees=[]))] == [ABSENT, ABSENT]


def test_films_that_nobody_annotated_give_nothing():
    assert placed(film(knees=None)) == []
    assert located(film(knees=None)) == []


def test_crowds_are_no_knees():
    crowd = replace(knee(RIGHT), crowd=True)
    assert [view.labels[KNEE] for view in placed(film(knees=[crowd]))] == [ABSENT, ABSENT]


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("stated", [None, "as it is"])
def test_a_film_of_one_knee_is_seen_from_its_side(side, stated):
    laterality = None if stated is None else side[0].upper()
    taken = film((300, 200), [knee((100.0, 150.0), side)], laterality=laterality)
    [view] = placed(taken)
    assert view.laterality == side
    assert (np.diff(view.instances[0].landmarks[:9, 0]) > 0).all()


def test_of_two_knees_on_a_film_of_a_stated_side_that_side_counts():
    taken = both(laterality="R")
    [view] = placed(taken)
    assert view.instances[0].labels["kl"] == 1


def test_knees_of_one_class_for_both_sides():
    knees = [replace(one, category=0) for one in both().instances]
    views = placed(film(knees=knees), classes=("knee",))
    assert [view.image_id for view in views] == ["film right", "film left"]


def test_decoys_are_the_same_each_time_and_show_no_knee():
    always = FilmConfig(decoys=1.0)
    tall = film((800, 400), knees=[knee((90.0, 400.0)), knee((310.0, 400.0), "left")])
    tall = replace(tall, laterality="B")
    views, again = placed(tall, always), placed(tall, always)
    assert [view.image_id for view in views] == [
        "film right",
        "film right beside",
        "film left",
        "film left beside",
    ]
    for one, other in zip(views, again, strict=True):
        assert (one.pixels == other.pixels).all()
    for decoy in views[1::2]:
        assert (decoy.labels[KNEE], decoy.instances) == (ABSENT, ())
        assert decoy.pixels.max() == 0, "the spot lies 100 to 160 mm away"
    small = film((60, 80), [knee((20.0, 30.0)), knee((60.0, 30.0), "left")])
    small = [replace(small, image_id=name) for name in range(80)]
    count = sum(len(placed(one, FilmConfig(decoys=0.25))) for one in small) - 160
    assert 20 <= count <= 60, "a quarter of 160 knees"
    assert placed(tall, PLAIN)[0].image_id == "film right"
    assert len(placed(tall, PLAIN)) == 2


def test_the_centre_is_what_the_settings_name_and_all_points_where_they_are_others():
    named = FilmConfig(decoys=0.0, centre=("femur_3",))
    [right, _] = placed(both(), named)
    notch = KNEE_LANDMARKS.index("femur_3")
    assert np.allclose(right.instances[0].landmarks[notch, :2], 69.5)
    other = LandmarkSchema(names=("top", "bottom"))
    points = np.array([[80.0, 100, 2], [100.0, 160, 2]])
    one = Instance(box=np.array([70.0, 90, 110, 170]), category=0, landmarks=points)
    [view, _] = placed(film(knees=[one]), schema=other)
    assert np.allclose(view.instances[0].landmarks[:, :2].mean(0), 69.5)


def test_points_that_were_not_labelled_stay_so():
    points = landmarks(np.array(RIGHT), "right", Spacing.square(1.0, "calibrated"))
    points[[0, CENTRE]] = 0
    one = Instance(box=np.array([30.0, 90, 150, 150]), category=0, landmarks=points)
    [view, _] = placed(film(knees=[one]))
    seen = view.instances[0].landmarks
    assert (seen[[0, CENTRE]] == 0).all()
    assert np.allclose(seen[1:4, 1], seen[1, 1])
    labelled = points[points[:, 2] > 0, :2]
    assert np.allclose(seen[1, :2], labelled[0] - labelled.mean(0) + 69.5)


def test_a_stated_scale_is_for_films_without_one():
    unknown = both(spacing=Spacing.unknown())
    for cut in (placed, located):
        with pytest.raises(DataError, match="no physical scale"):
            cut(unknown)
        views = cut(unknown, FilmConfig(decoys=0.0, spacing_mm=0.5))
        assert {view.spacing.origin for view in views} == {"assumed"}
    assert placed(unknown, FilmConfig(spacing_mm=0.5))[0].spacing.row_mm == pytest.approx(1.0)
    assert placed(both(), FilmConfig(spacing_mm=0.5))[0].spacing.origin == "calibrated"


@settings(max_examples=12)
@given(
    st.sampled_from(["right", "left"]),
    st.sampled_from(
        [(None, (200, 320)), ("side", (200, 320)), ("side", (260, 200)), (None, (260, 200))]
    ),
    st.floats(0.5, 2.0),
    st.tuples(st.floats(0.25, 0.75), st.floats(0.3, 0.7)),
)
def test_a_spot_is_found_at_its_landmark(side, shape, across, place):
    """In the pixels of both views, for both sides and all layouts."""
    stated, size = shape
    spacing = Spacing(row_mm=0.8, column_mm=0.8 * across, origin="detector")
    two = stated is None and size[1] > size[0]
    width = size[1] // 2 if two else size[1]
    first = width if two and side == "left" else 0
    centre = np.array([first + place[0] * width, place[1] * size[0]])
    taken = film(
        size,
        [knee(centre, side, spacing)],
        spacing=spacing,
        laterality=None if stated is None else side[0].upper(),
        image=spots(size, [centre]),
    )
    seen = [view for view in placed(taken) if view.instances]
    for view, row in ((seen[0], CENTRE), (located(taken, FilmConfig(half_mm=200.0))[0], 0)):
        [one] = view.instances
        found = brightest(view.pixels)
        assert np.abs(found - one.landmarks[row, :2]).max() < 0.5
