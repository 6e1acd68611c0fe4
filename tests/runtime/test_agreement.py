"""How far two readings are from each other."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.reading import Measurement, Reading
from polyclinic.runtime.agreement import LIMITS, Agreement, agreement
from polyclinic.sample import Instance
from polyclinic.schema import LandmarkSchema

SCHEMA = LandmarkSchema(names=("tip", "base"))


def instance(x=10.0, category=0, shift=0.0):
    points = np.array([[x + shift, 12.0, 2.0], [x + 3 + shift, 15.0, 2.0]])
    box = np.array([x, 10.0, x + 20, 40.0])
    return Instance(box=box, category=category, landmarks=points, score=0.9)


def reading(*instances, **parts):
    return Reading(
        image_id="a",
        size=(200, 300),
        classes=("loop", "giant"),
        landmark_schema=SCHEMA,
        instances=instances,
        **parts,
    )


def test_a_reading_agrees_with_itself():
    restored = np.full((200, 300, 3), 100, np.uint8)
    parts = {"findings": {"grade": {"0": 0.7, "1": 0.3}}, "quality": {"blur": 1.5}}
    one = reading(instance(), instance(60.0), restored=restored, **parts)
    assert agreement([(one, one)]) == Agreement()
    assert agreement([]) == Agreement()


@given(st.permutations(range(4)))
def test_the_order_of_instances_does_not_matter(order):
    instances = [instance(50.0 * i) for i in range(4)]
    turned = reading(*(instances[i] for i in order))
    assert agreement([(reading(*instances), turned)]) == Agreement()


def test_each_difference_has_its_own_number():
    plain = reading(instance(), instance(60.0))
    assert agreement([(plain, reading(instance()))]).unmatched == pytest.approx(1 / 3)
    other_class = reading(instance(), instance(60.0, category=1))
    assert agreement([(plain, other_class)]).unmatched == pytest.approx(2 / 4)
    moved = reading(instance(shift=0.25), instance(60.0, shift=0.25))
    assert agreement([(plain, moved)]).landmarks_px == pytest.approx(0.25)
    quality = [reading(quality={"blur": value}) for value in (2.0, 2.5)]
    assert agreement([tuple(quality)]).quality == pytest.approx(0.2)
    findings = [reading(findings={"grade": {"0": a, "1": 1 - a}}) for a in (0.5, 0.4)]
    assert agreement([tuple(findings)]).findings == pytest.approx(0.1)
    pixels = np.full((200, 300), 1000, np.uint16)
    restored = (reading(restored=pixels), reading(restored=pixels + 257))
    assert agreement([restored]).restored == pytest.approx(1.0)


def test_measurements_are_compared_instance_by_instance():
    def length(value, row):
        return Measurement(name="length", value=value, unit="px", instance=row)

    first, second = instance(), instance(60.0)
    one = replace(reading(first, second), measurements=(length(5.0, 0), length(9.0, 1)))
    other = replace(reading(second, first), measurements=(length(9.5, 0), length(5.5, 1)))
    assert agreement([(one, other)]).measured == pytest.approx(0.5)


def test_what_is_over_its_limit_is_named():
    one = Agreement(unmatched=0.5, landmarks_px=0.01)
    assert not one.within(LIMITS)
    assert one.over(LIMITS) == ["unmatched 0.5 (limit 0.02)"]
    assert Agreement().within(LIMITS)


def length(value):
    flags = () if value is not None else ("landmark-missing",)
    return Measurement(
        name="length",
        value=value,
        unit="px",
        formula="",
        scale_source="unknown",
        instance=0,
        flags=flags,
    )


def test_what_only_one_of_the_two_can_do_is_a_difference():
    """A faster way that can't read an image, or measure it, does not read as the plain one does."""
    nothing = reading()
    failed = replace(nothing, instances=None, error="can't be read")
    assert agreement([(nothing, failed)]).unmatched == 1
    assert agreement([(failed, failed)]) == Agreement()
    made, not_made = (reading(instance(), measurements=(length(value),)) for value in (4.0, None))
    assert not agreement([(made, not_made)]).within(LIMITS)
    assert not agreement([(not_made, made)]).within(LIMITS)
    assert agreement([(not_made, not_made)]).within(LIMITS)
