import numpy as np
import pytest

from polyclinic.metrics.doubt import image_doubt, instance_doubt
from polyclinic.metrics.refusal import REFUSED, Refusal, with_refused
from polyclinic.reading import Measurement
from tests.metrics.cases import block, case


def scored(*scores, **known):
    instances = [block(5 + 20 * place, score=score) for place, score in enumerate(scores)]
    return case((), instances, **known)


def with_measurements(reading):
    rows = [None, *range(len(reading.instances))]
    return reading.with_measurements(
        tuple(Measurement(name="width", value=1.0, unit="px", instance=row) for row in rows)
    )


def test_doubt_of_instances_and_images():
    _, reading = scored(0.9, 0.5, 0.1)
    assert instance_doubt(reading.instances[0]) == pytest.approx(0.1)
    assert image_doubt(reading) == pytest.approx(0.5)
    assert image_doubt(reading, accept=0.5) == pytest.approx(0.3)
    assert instance_doubt(block(5)) == 0
    assert np.isnan(image_doubt(scored()[1]))
    assert image_doubt(scored(quality={"agreement": 0.75})[1]) == pytest.approx(0.25)


def test_bounds_are_those_of_the_calibration_patients():
    scores = np.linspace(0.6, 0.9, 19)
    cases = [scored(score, 0.1, image=row) for row, score in enumerate(scores)]
    refusal = Refusal.learn(cases, 0.5)
    assert (refusal.instance, refusal.image) == (pytest.approx(0.4), pytest.approx(0.4))
    assert Refusal.learn(cases[:18], 0.5) == Refusal()
    assert Refusal.learn([scored(image=row) for row in range(30)], 0.5) == Refusal()
    assert Refusal.learn([], 0.5) == Refusal()


def test_a_doubtful_instance_flags_its_measurements():
    marked = Refusal(instance=0.4).mark(scored(0.9, 0.6, 0.5)[1], 0.5)
    assert [one.refused for one in marked.instances] == [False, False, True]
    reading = with_refused(with_measurements(marked))
    assert [REFUSED in one.flags for one in reading.measurements] == [False, False, False, True]
    assert reading.flags == ()


def test_a_doubtful_image_flags_the_reading():
    reading = with_measurements(scored(0.9, 0.5, flags=("blurred",))[1])
    flagged = with_refused(Refusal(image=0.25).mark(reading, 0.5))
    assert flagged.flags == ("blurred", REFUSED)
    assert [one.flags for one in flagged.measurements] == [()] * 3
    assert Refusal(image=0.25).mark(flagged, 0.5).flags == flagged.flags
    assert Refusal(image=0.35).mark(reading, 0.5).flags == ("blurred",)


def test_unknown_doubt_and_unknown_bounds_refuse_nothing():
    assert Refusal(image=0.0).mark(scored()[1], 0.5).flags == ()
    assert Refusal().mark(scored(0.0)[1], 0.0).flags == ()
