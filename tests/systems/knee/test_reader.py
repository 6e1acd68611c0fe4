"""Films in, knees out in the pixels of the film; the stages see spots of light."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from polyclinic.runtime.ensemble import Ensemble
from polyclinic.sample import Spacing
from polyclinic.schema.knee import IMPLANT, KNEE, NATIVE
from tests.runtime.fuse.drawn import assert_same
from tests.systems.knee.reading.seeing import film, points_of, reader

RIGHT, LEFT = (95.3, 118.6), (301.8, 131.2)
ONE = (148.7, 140.4)
UPRIGHT = (300, 290)
BOTH = {"right": RIGHT, "left": LEFT}


def assert_at(instance, centre, side, most=0.5):
    assert np.abs(instance.landmarks[:, :2] - points_of(centre, side)).max() <= most
    assert (instance.landmarks[:, 2] == 2).all()


@pytest.fixture(scope="module")
def eyes():
    return reader()


def test_both_knees_of_a_film(eyes):
    reading = eyes.read(film(**BOTH))
    assert [reading.class_name(one) for one in reading.instances] == ["right knee", "left knee"]
    for one, (side, centre) in zip(reading.instances, BOTH.items(), strict=True):
        assert_at(one, centre, side)
        assert one.labels == {KNEE: NATIVE}
        assert one.score == pytest.approx(0.975)
        assert (one.landmark_confidence == 0.8).all()
        assert (one.box[:2] <= one.landmarks[:, :2].min(0)).all()
        assert (one.box[2:] >= one.landmarks[:, :2].max(0)).all()
    assert reading.flags == ()
    assert [(m.instance, m.unit) for m in reading.measurements] == [(0, "mm"), (1, "mm")]
    assert [m.value for m in reading.measurements] == pytest.approx([60, 60], abs=0.2)
    assert reading.provenance == {"model": "spots"}


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("size", [UPRIGHT, (300, 400)])
def test_one_knee_of_a_stated_side(eyes, side, size):
    reading = eyes.read(film(size, **{side: ONE}, laterality=side[0].upper()))
    [one] = reading.instances
    assert reading.class_name(one) == f"{side} knee"
    assert_at(one, ONE, side)
    assert reading.flags == ()


@pytest.mark.parametrize("side", ["right", "left"])
def test_one_knee_of_a_side_that_nobody_states_is_flagged(eyes, side):
    reading = eyes.read(film(UPRIGHT, **{side: ONE}))
    [one] = reading.instances
    assert_at(one, ONE, side)
    [flag] = reading.flags
    assert flag.startswith("side-not-stated: read as a ")
    assert flag.endswith(reading.class_name(one))


def test_halves_that_change_places_change_the_sides(eyes):
    """A film hung the other way round: what was the right knee is found as the left one."""
    taken = film(**BOTH)
    straight, turned = eyes.read(taken), eyes.read(replace(taken, image=taken.image[:, ::-1]))
    for one, other in zip(straight.instances, reversed(turned.instances), strict=True):
        assert straight.class_name(one) != turned.class_name(other)
        x, y = one.landmarks[:, :2].T
        assert np.abs(np.column_stack([399 - x, y]) - other.landmarks[:, :2]).max() < 0.2


@pytest.mark.parametrize("times", [0, 1, 2, 3])
def test_refinement_moves_the_window_onto_the_knee(times):
    """A stage that sees half of each displacement errs half as much with each look."""
    eyes = reader(place={"towards": 0.5}, refine=times, flip=False)
    eyes.locate.shift = 20.0
    [right, _] = eyes.read(film(**BOTH)).instances
    first = 20 * 150 / 128 / 0.4
    off = right.landmarks[1, 0] - RIGHT[0]
    assert off == pytest.approx(first * 0.5 ** (times + 1), abs=0.3)


def test_without_refinement_the_second_stage_still_places_points():
    [right, left] = reader(refine=0, flip=False).read(film(**BOTH)).instances
    assert_at(right, RIGHT, "right")
    assert_at(left, LEFT, "left")


def test_reading_mirrored_cancels_what_errs_to_one_side():
    shift = 4.0  # of 140 mm on 200 pixels: 2.8 mm, 7 film pixels
    [plain, _] = reader(place={"shift": shift}, flip=False).read(film(**BOTH)).instances
    assert plain.landmarks[1, 0] - RIGHT[0] == pytest.approx(7.0, abs=0.3)
    reading = reader(place={"shift": shift}).read(film(**BOTH))
    for one, (side, centre) in zip(reading.instances, BOTH.items(), strict=True):
        assert_at(one, centre, side)
    assert sorted(reading.flags) == [
        f"{side} knee: read 5.6 mm elsewhere when mirrored" for side in ("left", "right")
    ]
    calm = reader(place={"shift": shift}, doubt_mm=6.0).read(film(**BOTH))
    assert calm.flags == ()


def test_a_knee_that_is_not_there_is_flagged_and_not_reported(eyes):
    reading = eyes.read(film(right=RIGHT))
    [one] = reading.instances
    assert reading.class_name(one) == "right knee"
    assert reading.flags == ("left knee: not found",)
    empty = eyes.read(film())
    assert empty.instances == ()
    assert empty.flags == ("right knee: not found", "left knee: not found")


def test_a_replaced_knee_has_a_box_and_no_landmarks(eyes):
    reading = eyes.read(film(right=RIGHT, implant=LEFT))
    native, implant = sorted(reading.instances, key=lambda one: one.category)
    assert native.labels == {KNEE: NATIVE}
    assert implant.labels == {KNEE: IMPLANT}
    assert implant.landmarks is None
    assert implant.landmark_confidence is None
    assert reading.class_name(implant) == "left knee"
    low, high = implant.box[:2], implant.box[2:]
    assert ((low < LEFT) & (high > LEFT)).all()
    assert reading.flags == ("left knee: implant, no landmarks",)


def test_points_outside_the_film_are_not_placed():
    """The second stage reads a knee near the border too far to the outside."""
    reading = reader(place={"shift": -45.0}, flip=False, refine=0).read(film(right=(90.0, 120.0)))
    [one] = reading.instances
    assert one.landmarks[:, 2].tolist() == [0, 2, 2]
    assert (one.landmarks[0] == 0).all()
    assert (one.box >= -0.5).all()
    assert reading.flags[0] == "right knee: outside the film lie 1 of 3 landmarks"
    assert reading.measurements[0].value is None


def test_a_stage_that_says_nothing_of_the_knee_finds_one_in_each_half():
    reading = reader(place={"states": False}).read(film(**BOTH))
    assert [one.score for one in reading.instances] == [1.0, 1.0]
    assert [one.labels for one in reading.instances] == [{KNEE: NATIVE}] * 2


def test_a_film_without_scale_is_not_read_and_does_not_stop_the_others(eyes):
    films = [
        film(**BOTH, image_id="one"),
        film(**BOTH, image_id="two", spacing=Spacing.unknown()),
        film(right=RIGHT, image_id="three"),
    ]
    first, second, third = eyes.read_each(films)
    assert (first.error, third.error) == (None, None)
    assert len(first.instances) == 2
    assert len(third.instances) == 1
    assert "no physical scale" in second.error
    assert "--spacing-um" in second.error
    assert second.instances is None
    assert second.image_id == "two"
    [stated, *_] = reader(spacing_mm=0.4).read_each(films[1:])
    assert stated.spacing == Spacing.square(0.4, "assumed")
    assert len(stated.instances) == 2


def test_together_as_one_by_one(eyes):
    films = [
        film(**BOTH, image_id=1),
        film(UPRIGHT, left=ONE, image_id=2),
        film(**BOTH, image_id=3, spacing=Spacing.unknown()),
        film(implant=LEFT, right=RIGHT, image_id=4),
        film(UPRIGHT, left=ONE, laterality="L", image_id=5),
    ]
    together = eyes.read_batch(films)
    assert [reading.image_id for reading in together] == [1, 2, 3, 4, 5]
    for alone, one in zip(films, together, strict=True):
        again = eyes.read_batch([alone])[0]
        assert again.flags == one.flags
        assert again.measurements == one.measurements
        if one.error is None:
            assert_same(again, one)
    assert eyes.read_batch([]) == []


def test_candidates_hold_what_is_not_reported(eyes):
    eager = eyes.with_candidates()
    reading = eager.read(film(right=RIGHT))
    assert [round(one.score, 3) for one in reading.instances] == [0.975, 0.05]
    assert reading.measurements == ()
    assert eyes.accept == 0.5
    assert_same(reading.accepted(eyes.accept), eyes.read(film(right=RIGHT)))


def test_what_candidates_are_flagged_for_does_not_depend_on_their_threshold(eyes):
    assert eyes.with_candidates().read(film(right=RIGHT)).flags == ("left knee: not found",)


def test_an_ensemble_reads_between_its_members():
    members = [reader(place={"shift": shift}, flip=False) for shift in (1.0, -1.0)]
    together = Ensemble(members)
    reading = together.read(film(**BOTH))
    assert [reading.class_name(one) for one in reading.instances] == ["right knee", "left knee"]
    for one, (side, centre) in zip(reading.instances, BOTH.items(), strict=True):
        assert_at(one, centre, side)
    assert [m.value for m in reading.measurements] == pytest.approx([60, 60], abs=0.3)
    assert reading.provenance == {"model": "spots", "members": 2}
    assert 0 < reading.quality["agreement"] <= 1


@pytest.mark.parametrize("surely", [0.95, 0.7])
def test_an_ensemble_flags_what_its_members_do(surely):
    """Also knees that members bring as candidates, and that the threshold then leaves out."""
    members = [reader(place={"surely": surely}) for _ in range(2)]
    reading = Ensemble(members).read(film(right=RIGHT))
    assert len(reading.instances) == 1
    assert reading.flags == ("left knee: not found",)
    replaced = Ensemble(members).read(film(right=RIGHT, implant=LEFT))
    assert sorted(one.labels[KNEE] for one in replaced.instances) == [IMPLANT, NATIVE]
    assert replaced.flags == ("left knee: implant, no landmarks",)


def test_an_ensemble_leaves_out_films_without_scale():
    films = [film(**BOTH, spacing=Spacing.unknown()), film(**BOTH)]
    first, second = Ensemble([reader(), reader()]).read_each(films)
    assert "no physical scale" in first.error
    assert len(second.instances) == 2


def test_a_view_that_the_network_has_no_answer_for_is_an_error_of_its_film():
    """The other films of the batch are read."""
    one = reader()
    answers, good = one.place.read_batch, film(**BOTH)
    bad = replace(good, image_id="bad")
    one.place.read_batch = lambda views: [
        replace(reading, instances=None, error="not finite")
        if str(view.image_id).startswith("bad")
        else reading
        for view, reading in zip(views, answers(views), strict=True)
    ]
    readings = one.read_batch([good, bad])
    assert [reading.error is None for reading in readings] == [True, False]
    assert "not finite" in readings[1].error
    assert len(readings[0].instances) == 2


def test_a_landmark_that_was_never_taught_has_no_place_on_the_film():
    one = reader()
    answers = one.place.read_batch

    def without_inner(views):
        readings = answers(views)
        for reading in readings:
            reading.instances[0].landmarks[2] = 0.0
        return readings

    one.place.read_batch = without_inner
    reading = one.read(film(**BOTH))
    for knee, (side, centre) in zip(reading.instances, BOTH.items(), strict=True):
        assert knee.landmarks[2].tolist() == [0, 0, 0]
        assert np.abs(knee.landmarks[:2, :2] - points_of(centre, side)[:2]).max() <= 0.5
    made = [one for one in reading.measurements if one.name == "outer_to_inner"]
    assert all(one.value is None for one in made)
