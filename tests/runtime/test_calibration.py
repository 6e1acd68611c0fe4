from dataclasses import replace

import numpy as np
import pytest

from polyclinic.errors import RunError
from polyclinic.metrics.conformal import Conformal
from polyclinic.metrics.refusal import REFUSED, Refusal
from polyclinic.reading import Measurement
from polyclinic.reading.measurement import ANY, FROM_ONE, NOT_NEGATIVE, POSITIVE, SHARE
from polyclinic.reading.table import measurement_table
from polyclinic.runtime.calibration import FILE, Calibration, patients_digest
from polyclinic.sample import Sample
from tests.metrics.cases import block, case
from tests.metrics.measuring import measured, widths

COUNT = 24


def cases(patients=COUNT, **known):
    """One image a patient; widths are read 0 to 3 px too large; later patients less surely."""
    return [
        case(
            (block(40),),
            (block(40, width=10 + row % 4, score=0.95 - row / 100),),
            row,
            f"p{row}",
            **known,
        )
        for row in range(patients)
    ]


def learnt(patients=COUNT, **known):
    return Calibration.learn(*measured(cases(patients)), 0.5, **known)


def interval(reach, name="width", unit="px"):
    return Conformal(
        name=name, unit=unit, level=0.95, reach=reach, patients=20, pairs=20, by_doubt=False
    )


def made(*intervals, refusal=None):
    return Calibration(
        intervals=intervals, refusal=refusal or Refusal(), accept=0.5, patients=20, digest=""
    )


def one(value, unit="px", **known):
    return Measurement(name="width", value=value, unit=unit, scale_source="assumed", **known)


def applied(calibration, measurement):
    reading = case((), (block(5, score=0.8),))[1]
    return calibration.measured(reading, lambda _: (measurement,)).measurements[0]


def test_what_was_learnt_is_applied():
    calibration = learnt()
    doubts = np.maximum(0.05 + np.arange(COUNT) / 100, 0.05)
    scores = np.sort(np.arange(COUNT) % 4 / np.sqrt(doubts))
    reach = pytest.approx(scores[-1])  # of rank 0.95 (24 + 1), upwards
    assert {(c.name, c.unit): c.reach for c in calibration.intervals} == {
        ("width", "px"): reach,
        ("total_width", "px"): reach,
    }
    assert calibration.patients == COUNT
    assert calibration.refusal.instance == pytest.approx(0.05 + 0.23)
    sure, unsure = (block(5, width=20, score=score) for score in (0.9, 0.6))
    readings = [case((), (found,))[1] for found in (sure, unsure)]
    readings = [calibration.measured(reading, widths) for reading in readings]
    table = measurement_table(readings)
    half = scores[-1] * np.repeat(np.sqrt([0.1, 0.4]), 2)
    assert table["lower"].to_numpy() == pytest.approx(20 - half)
    assert table["upper"].to_numpy() == pytest.approx(20 + half)
    assert table["flag"].str.contains(REFUSED).tolist() == [False, False, True, True]


def test_too_few_patients_promise_nothing_and_say_why():
    calibration = learnt(5)
    assert {c.reason for c in calibration.intervals} == {"5 calibration patients; 95 % needs 19"}
    reading = case((), (block(5, score=0.5),))[1]
    same = calibration.measured(reading, widths)
    assert (same.measurements, same.flags) == (widths(reading), reading.flags)
    assert learnt(5, level=0.8).intervals[0].reach is not None


def test_a_calibration_of_an_earlier_version_keeps_its_one_width():
    calibration = learnt()
    stored = calibration.to_json()
    for one in stored["intervals"]:
        del one["by_doubt"]
    old = Calibration.from_json(stored)
    assert not any(one.by_doubt for one in old.intervals)
    for score in (0.9, 0.6):
        found = old.measured(case((), (block(5, width=20, score=score),))[1], widths)
        assert found.measurements[0].upper == 20 + old.intervals[0].reach


@pytest.mark.parametrize(
    ("unit", "lower"),
    [("px", None), ("um", None), ("mm2", None), ("count", 0), ("1/mm", 0), ("1", -1.5)],
)
def test_intervals_end_where_the_unit_does(unit, lower):
    """A size of 0 can't be: where the interval would reach it, there is no lower limit."""
    found = applied(made(interval(2.5, unit=unit)), one(1.0, unit))
    assert (found.lower, found.upper) == (lower, 3.5)


@pytest.mark.parametrize(
    ("domain", "value", "limits"),
    [
        (FROM_ONE, 1.02, (1.0, 1.52)),
        (SHARE, 0.8, (pytest.approx(0.3), 1.0)),
        (SHARE, 0.2, (0.0, 0.7)),
        (NOT_NEGATIVE, 0.0, (0.0, 0.5)),
        (POSITIVE, 0.5, (None, 1.0)),
        (ANY, 0.1, (pytest.approx(-0.4), 0.6)),
    ],
)
def test_intervals_end_where_the_quantity_does(domain, value, limits):
    found = applied(made(interval(0.5, unit="mm")), one(value, "mm", domain=domain))
    assert (found.lower, found.upper) == limits


def test_a_value_outside_what_its_unit_says_keeps_its_interval():
    found = applied(made(interval(2.5, unit="mm")), one(-4.0, "mm"))
    assert (found.lower, found.upper) == (-6.5, -1.5)


def test_other_units_missing_values_and_unknown_reaches_stay_as_they_are():
    calibration = made(interval(1.0), interval(None, unit="um"))
    for measurement in (one(3.0, "mm"), one(None, flags=("no-edge",)), one(3.0, "um")):
        assert applied(calibration, measurement) == measurement


def test_applying_twice_is_applying_once():
    calibration = learnt()
    reading = case((), (block(5, score=0.5),))[1]
    once = calibration.measured(reading, widths)
    twice = calibration.measured(once, widths)
    assert (twice.measurements, twice.flags) == (once.measurements, once.flags)


def test_nothing_is_changed_in_place():
    reading = case((), (block(5, score=0.5),))[1]
    reading = reading.with_measurements(widths(reading))
    before = reading.measurements
    learnt().measured(reading, widths)
    assert reading.measurements is before
    assert before[0].lower is None


def test_an_unread_image_passes():
    unread = replace(case((), None)[1], error="can't be read")
    assert learnt().measured(unread, widths).error == unread.error


@pytest.mark.parametrize("temperature", [None, 1.7])
def test_it_is_kept_beside_the_run(tmp_path, temperature):
    calibration = learnt(temperature=temperature)
    calibration.write(tmp_path / FILE)
    assert Calibration.read(tmp_path / FILE) == calibration
    assert Calibration.of_run(tmp_path) == calibration
    few = learnt(3)
    few.write(tmp_path / FILE)
    assert Calibration.read(tmp_path / FILE) == few


def test_a_missing_or_damaged_file_is_named(tmp_path):
    assert Calibration.of_run(tmp_path) is None
    with pytest.raises(RunError, match="is missing"):
        Calibration.read(tmp_path / FILE)
    for text in ("{", "[]", "{}", '{"temperature": null, "intervals": [{}]}', "\xff"):
        (tmp_path / FILE).write_text(text, encoding="latin-1")
        with pytest.raises(RunError, match=r"calibration\.json"):
            Calibration.read(tmp_path / FILE)


def test_patients_are_known_again_in_any_order():
    samples = [Sample(image_id=i, size=(9, 9), patient_id=p) for i, p in enumerate("aab")]
    assert patients_digest(samples) == patients_digest(samples[::-1])
    assert patients_digest(samples) == patients_digest(samples[1:])
    assert patients_digest(samples) != patients_digest(samples[:2])
    unnamed = [Sample(image_id="a", size=(9, 9))]
    assert patients_digest(unnamed) != patients_digest(samples[:1])


def test_a_calibrated_reader_holds_for_new_patients():
    """Reads that err as those of the calibration did are covered."""
    calibration = learnt(40)
    read, truths = measured(cases(40))
    covered = [
        m.lower <= t.value <= m.upper
        for (_, reading), truth in zip(read, truths, strict=True)
        for m, t in zip(calibration.measured(reading, widths).measurements, truth, strict=True)
    ]
    assert np.mean(covered) >= 0.95
