"""Whole readings: order does not matter, equals stay equal, kinds are fused as they should be."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.errors import DataError
from polyclinic.reading import Measurement, Reading
from polyclinic.runtime.fuse import fuse_readings
from polyclinic.sample import Instance
from tests.runtime.fuse.drawn import SIZE, assert_same, members, readings

MADE = {"recipe": "test"}


@given(st.data())
def test_the_order_of_members_does_not_matter(data):
    drawn = data.draw(members())
    # The same reading twice makes ties between members that only the order could break.
    drawn += data.draw(st.lists(st.sampled_from(drawn), max_size=2))
    shuffled = data.draw(st.permutations(drawn))
    assert_same(fuse_readings(drawn, MADE), fuse_readings(shuffled, MADE))


@given(readings(), st.integers(1, 5))
def test_identical_members_say_what_one_says(reading, count):
    fused = fuse_readings([reading] * count, MADE)
    quality = dict(fused.quality)
    agreed = quality.pop("agreement", 1.0)
    assert_same(replace(fused, quality=quality), reading)
    assert 0 <= agreed <= 1


@given(members(least=2))
def test_what_is_fused_stays_in_bounds(drawn):
    fused = fuse_readings(drawn, MADE)
    assert 0 <= fused.quality["agreement"] <= 1
    most = max(len(one.instances) for one in drawn)
    assert most <= len(fused.instances) <= sum(len(one.instances) for one in drawn)
    scores = [one.score for one in fused.instances]
    assert scores == sorted(scores, reverse=True)
    total = sum(one.score for reading in drawn for one in reading.instances)
    assert sum(scores) == pytest.approx(total / len(drawn))


def test_one_member_that_could_not_read_spoils_the_image():
    good = Reading(image_id=1, size=SIZE, instances=())
    bad = Reading(image_id=1, size=SIZE, error="is truncated")
    fused = fuse_readings([good, bad], MADE)
    assert fused.error == "is truncated"
    assert fused.instances is None
    assert fused.provenance == MADE


def test_findings_quality_and_flags():
    first = Reading(
        image_id=1,
        size=SIZE,
        findings={"grade": {"0": 0.9, "1": 0.1}},
        quality={"sharpness": 1.0},
        flags=("blur", "dark"),
        measurements=(Measurement(name="length", value=1.0, unit="px"),),
    )
    second = replace(first, findings={"grade": {"0": 0.5, "1": 0.5}}, flags=("blur",))
    third = replace(first, findings={"grade": {"0": 0.1, "1": 0.9}}, quality={"sharpness": 4.0})
    fourth = replace(third, flags=())
    fused = fuse_readings([first, second, third, fourth], MADE)
    assert fused.findings["grade"] == pytest.approx({"0": 0.4, "1": 0.6})
    assert fused.quality["sharpness"] == pytest.approx(2.5)
    assert set(fused.flags) == {"blur", "dark"}, "raised by three and by two of four"
    assert fused.measurements == ()
    assert fused.instances is None
    # Pairs differ by .4, .8, .8, .4, .4 and 0.
    assert fused.quality["agreement"] == pytest.approx(1 - 2.8 / 6)


def test_readings_of_different_images_are_refused():
    one, other = (Reading(image_id=i, size=SIZE, instances=()) for i in (1, 2))
    with pytest.raises(DataError, match="different images"):
        fuse_readings([one, other], MADE)


def test_label_maps_and_pictures():
    maps = [np.array([[0, 1, 2, 2]], np.uint8), np.array([[0, 1, 1, 1]], np.uint8)]
    maps.append(np.array([[3, 1, 0, 2]], np.uint8))
    pictures = [np.full((1, 4, 3), value, np.uint8) for value in (10, 11, 20)]
    drawn = [
        Reading(image_id=1, size=(1, 4), label_maps={"layers": one}, restored=picture)
        for one, picture in zip(maps, pictures, strict=True)
    ]
    fused = fuse_readings(drawn, MADE)
    # The third pixel has three different labels: the smallest is taken.
    assert fused.label_maps["layers"].tolist() == [[0, 1, 0, 2]]
    assert fused.label_maps["layers"].dtype == np.uint8
    assert (fused.restored == 14).all()
    assert fused.restored.dtype == np.uint8


def test_a_member_has_no_say_in_what_it_was_never_taught():
    """One that looks for no objects, and one that knows a value less."""
    box = np.array([2.0, 2, 9, 9])
    seen = Instance(box=box, category=0, score=0.8)
    parts = {"image_id": 1, "size": (24, 32), "classes": ("one", "two")}
    full = {"a": 0.2, "b": 0.3, "c": 0.5}
    readings = [
        Reading(**parts, instances=(seen,), findings={"grade": full}),
        Reading(**parts, instances=None, findings={"grade": {"a": 0.6, "b": 0.4}}),
    ]
    fused = fuse_readings(readings, {})
    assert fused.instances[0].score == pytest.approx(0.8)
    means = {"a": 0.4, "b": 0.35, "c": 0.5}
    assert fused.findings["grade"] == pytest.approx({k: v / 1.25 for k, v in means.items()})
