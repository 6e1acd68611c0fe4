from dataclasses import replace

import numpy as np
import pytest

from polyclinic.errors import DataError
from polyclinic.metrics.measured import MISSED, WHOLE_IMAGE, measured_pairs, truth_reading
from polyclinic.reading import Measurement
from polyclinic.sample import Spacing
from polyclinic.systems.nailfold.measure import measure_nailfold
from tests.metrics.cases import block, case, landmarks, row_of_blocks
from tests.metrics.measuring import measured

SCALE = Spacing.square(0.002, "calibrated")


def pairs_of(*cases, accept=0.5, **labels):
    cases = [(replace(sample, labels=labels), reading) for sample, reading in cases]
    return {(one.name, one.unit): one for one in measured_pairs(*measured(cases), accept)}


def wider(left, **known):
    return block(left, width=12, **known)


def test_a_hit_is_measured_beside_its_annotation():
    read = (wider(100, score=0.2), wider(40, score=0.9), block(5, score=0.7))
    pairs = pairs_of(case((), ()), case((block(5), block(40)), read))["width", "px"]
    assert pairs.rows.tolist() == [1, 1]
    assert pairs.instance.tolist() == [1, 2]
    assert (pairs.found.tolist(), pairs.true.tolist()) == ([12, 10], [10, 10])
    assert pairs.error.tolist() == [2, 0]
    assert pairs.doubt == pytest.approx([0.1, 0.3])
    assert np.isnan(pairs.lower).all()


def test_whole_images_are_paired_by_name_and_doubted_by_their_accepted_instances():
    read = (block(5, score=0.9), block(40, score=0.7), block(100, score=0.1))
    pairs = pairs_of(case((block(5),), read))["total_width", "px"]
    assert (pairs.found.tolist(), pairs.true.tolist()) == ([30], [10])
    assert pairs.instance.tolist() == [WHOLE_IMAGE]
    assert pairs.doubt == pytest.approx([0.2])
    unsure = case((block(5),), read, quality={"agreement": 0.6})
    assert pairs_of(unsure)["total_width", "px"].doubt == pytest.approx([0.4])
    sure = case((block(5),), read, quality={"agreement": 0.9})
    assert pairs_of(sure)["total_width", "px"].doubt == pytest.approx([0.2])


def test_what_the_reader_could_not_measure_has_no_found_value_and_no_known_doubt():
    pairs = pairs_of(case((block(5),), ()))["total_width", "px"]
    assert pairs.true.tolist() == [10]
    assert np.isnan(pairs.found).all()
    assert np.isnan(pairs.doubt).all()
    assert np.isnan(pairs.error).all()


def test_what_was_not_annotated_has_no_pair():
    assert pairs_of(case(None, (block(5),))) == {}
    assert pairs_of() == {}


def test_units_are_never_mixed():
    scaled = case((block(5),), (block(5),), 2, spacing=SCALE)
    in_um = (scaled[0], replace(scaled[1], spacing=SCALE))
    pairs = pairs_of(case((block(5),), (block(5),)), in_um, scaled)
    assert pairs["width", "px"].rows.tolist() == [0]
    assert pairs["width", "um"].rows.tolist() == [1]
    assert pairs["width", "um"].true == pytest.approx([20])


def test_an_official_value_replaces_the_measured_annotation():
    sample, reading = case((block(5),), (block(5),), spacing=SCALE)
    one = (sample, replace(reading, spacing=SCALE))
    pairs = pairs_of(one, width=21.5, total_width=22.5, other="text")
    assert pairs["width", "um"].true == pytest.approx([21.5])
    assert pairs["total_width", "um"].true == pytest.approx([22.5])
    assert pairs_of(one, width=True)["width", "um"].true == pytest.approx([20])
    assert pairs_of(one, width=float("nan"))["width", "um"].true == pytest.approx([20])


def test_an_official_value_needs_one_instance_that_it_can_be_of():
    sample, reading = case(row_of_blocks(2), row_of_blocks(2), spacing=SCALE)
    pairs = pairs_of((sample, replace(reading, spacing=SCALE)), width=21.5)
    assert pairs["width", "um"].true == pytest.approx([20, 20])


def test_pixels_are_not_compared_with_an_official_value():
    pairs = pairs_of(case((block(5),), (block(5),)), width=21.5, total_width=20)
    assert pairs["width", "px"].true == pytest.approx([10])
    assert pairs["total_width", "px"].true == pytest.approx([10])


def test_an_official_value_is_enough_without_any_annotation():
    sample, reading = case(None, (block(5),), spacing=SCALE)
    pairs = pairs_of((sample, replace(reading, spacing=SCALE)), total_width=22.5, width=3)
    assert pairs["total_width", "um"].true == pytest.approx([22.5])
    assert ("width", "um") not in pairs


def test_an_official_value_stands_beside_what_was_not_found():
    """Only the image says that there is no head; the truth is known all the same."""
    missing = Measurement(
        name="head_size", value=None, unit="mm", scale_source="calibrated", flags=("no-head",)
    )
    sample, reading = case((block(5),), ())
    one = (replace(sample, labels={"head_size": 170}), reading.with_measurements((missing,)))
    (pairs,) = measured_pairs([one], [()], 0.5)
    assert (pairs.name, pairs.unit, pairs.true.tolist()) == ("head_size", "mm", [170])
    assert np.isnan(pairs.found).all()


def test_intervals_come_along():
    found = Measurement(name="width", value=3.0, unit="px", lower=2.0, upper=5.0, instance=0)
    sample, reading = case((block(5),), (block(5),))
    true = Measurement(name="width", value=4.0, unit="px", instance=0)
    (pairs,) = measured_pairs([(sample, reading.with_measurements((found,)))], [(true,)], 0.5)
    assert (pairs.lower.tolist(), pairs.upper.tolist()) == ([2], [5])


def test_each_case_needs_its_true_measurements():
    with pytest.raises(DataError, match="0 lists of true measurements stand beside 1 cases"):
        measured_pairs([case((), ())], [], 0.5)


def test_a_perfect_reader_makes_no_error():
    """All capillary measurements of an annotation read as it is."""
    blocks = [block(x, landmarks=landmarks(x)) for x in (30, 80, 130)]
    cases = [case(blocks, blocks, image, spacing=SCALE) for image in range(2)]
    cases = [(sample, replace(reading, spacing=SCALE)) for sample, reading in cases]
    pairs = {one.name: one for one in measured_pairs(*measured(cases, measure_nailfold), 0.5)}
    assert {"apical_diameter", "venous_diameter", "count", "density"} <= pairs.keys()
    for one in pairs.values():
        np.testing.assert_array_equal(one.found, one.true)
    assert len(pairs["apical_diameter"]) == 6


def test_a_truth_keeps_its_rows_and_may_leave_landmarks_out():
    sample, _ = case((block(30, landmarks=landmarks(30)), block(80, crowd=True)), ())
    reading = truth_reading(sample, ("capillary",), None)
    assert [one.score for one in reading.instances] == [1.0, 1.0]
    assert [one.landmarks for one in reading.instances] == [None, None]
    assert [one.mask for one in reading.instances] == [one.mask for one in sample.instances]
    assert truth_reading(replace(sample, instances=None), (), None).instances is None


def unread(pair):
    sample, reading = pair
    return sample, replace(reading, instances=None, error="truncated")


def test_what_was_missed_or_could_not_be_read_was_not_made():
    true = (block(5), block(40))
    pairs = pairs_of(
        case(true, (block(5, score=0.9),), 1), unread(case(true, (), 2)), case(true, true, 3)
    )
    widths = pairs["width", "px"]
    assert widths.rows.tolist() == [0, 0, 1, 1, 2, 2]
    assert np.isfinite(widths.found).tolist() == [True, False, False, False, True, True]
    assert widths.instance.tolist() == [0, MISSED, MISSED, MISSED, 0, 1]
    totals = pairs["total_width", "px"]
    assert np.isfinite(totals.found).tolist() == [True, False, True]
    assert totals.true.tolist() == [20, 20, 20]


def test_an_official_value_of_an_unreadable_image_was_not_made():
    good, lost = case((), (block(5),), 1), unread(case((), (), 2))
    cases = [(replace(sample, labels={"head": 5.0}), one) for sample, one in (good, lost)]
    head = Measurement(name="head", value=4.0, unit="mm", scale_source="calibrated")
    cases[0] = (cases[0][0], cases[0][1].with_measurements((head,)))
    (pairs,) = measured_pairs(cases, [(), ()], 0.5)
    assert (pairs.name, pairs.unit, pairs.true.tolist()) == ("head", "mm", [5, 5])
    assert np.isfinite(pairs.found).tolist() == [True, False]
