from dataclasses import replace

import numpy as np
import pytest

from polyclinic.errors import DataError
from polyclinic.metrics.matching import match_cases
from polyclinic.metrics.radial_error import radial_errors
from polyclinic.sample import Spacing
from polyclinic.schema import LandmarkSchema
from tests.metrics.cases import block, case

SCHEMA = LandmarkSchema(names=("tip", "heel", "side"))
UM = Spacing(row_mm=0.002, column_mm=0.001, origin="calibrated")
TRUE = [(10, 10, 2), (20, 10, 1), (0, 0, 0)]
READ = [(13, 14, 2), (20, 11, 2), (99, 99, 2)]


def pair(true, read, **known):
    instance = block(50)
    found, annotated = (None if one is None else np.array(one, float) for one in (read, true))
    return case(
        [replace(instance, landmarks=annotated)],
        [replace(instance, landmarks=found, score=0.9)],
        landmark_schema=SCHEMA,
        **known,
    )


def errors(*pairs, reference=None):
    return radial_errors(match_cases(pairs), SCHEMA, reference=reference)


def test_known_distances_in_px_and_um():
    one = errors(pair(TRUE, READ, spacing=UM))
    np.testing.assert_allclose(one.px, [[5, 1, np.nan]])
    np.testing.assert_allclose(one.um, [[np.hypot(3, 8), 2, np.nan]])
    np.testing.assert_equal(one.labelled, [[True, True, False]])
    assert one.scaled.all()


def test_micrometres_need_a_scale():
    one = errors(pair(TRUE, TRUE))
    assert one.px[0, 0] == 0
    assert np.isnan(one.um).all()
    assert not one.scaled.any()


def test_landmarks_that_the_reader_did_not_see_have_no_distance():
    unseen = [(10, 10, 0), (20, 10, 2), (0, 0, 0)]
    some = errors(pair(TRUE, unseen), pair(TRUE, None))
    np.testing.assert_equal(some.px, [[np.nan, 0, np.nan], [np.nan] * 3])
    np.testing.assert_equal(some.oks, [0.5, 0])


def test_rows_say_which_image_each_instance_is_of():
    some = errors(pair(None, READ), pair(TRUE, READ), pair([(0, 0, 0)] * 3, READ), pair(TRUE, None))
    np.testing.assert_equal(some.rows, [1, 3])
    np.testing.assert_equal(some.homes, [[1] * 3, [3] * 3])


def test_the_length_that_pck_may_relate_to():
    assert errors(pair(TRUE, READ), reference=("tip", "heel")).reference_px == [10]
    assert np.isnan(errors(pair(TRUE, READ), reference=("tip", "side")).reference_px).all()
    assert np.isnan(errors(pair(TRUE, READ)).reference_px).all()
    with pytest.raises(DataError, match="nose"):
        errors(pair(TRUE, READ), reference=("tip", "nose"))


def test_missed_instances_have_no_error_and_no_likeness():
    sample, reading = pair(TRUE, TRUE)
    away = replace(reading, instances=(block(100, landmarks=np.array(TRUE, float)),))
    missed = errors((sample, away))
    assert missed.px.shape == (1, 3)
    assert np.isnan([missed.px, missed.layout_px]).all()
    assert missed.oks == [0]
    assert missed.lost(1) == missed.labelled.sum() > 0
    assert errors().px.shape == (0, 3)


def test_annotations_of_another_schema_are_refused():
    with pytest.raises(DataError, match="2 landmarks"):
        errors(pair(TRUE[:2], READ))
