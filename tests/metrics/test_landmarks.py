from dataclasses import replace

import numpy as np
import pytest

from polyclinic.metrics.landmarks import landmark_errors, pck, relative_pck
from polyclinic.metrics.matching import match_cases
from polyclinic.metrics.radial_error import radial_errors
from polyclinic.sample import Spacing
from polyclinic.schema import LandmarkSchema
from tests.metrics.cases import block, case

SCHEMA = LandmarkSchema(names=("tip", "heel", "side"))
UM = Spacing(row_mm=0.002, column_mm=0.001, origin="calibrated")


def pair(true, read, **known):
    instance = block(50)
    found = None if read is None else np.array(read, float)
    return case(
        [replace(instance, landmarks=np.array(true, float))],
        [replace(instance, landmarks=found, score=0.9)],
        landmark_schema=SCHEMA,
        **known,
    )


def errors(*pairs, reference=None):
    return radial_errors(match_cases(pairs), SCHEMA, reference=reference)


TRUE = [(10, 10, 2), (20, 10, 1), (0, 0, 0)]


def test_known_distances_by_name_in_px_and_um():
    read = [(13, 14, 2), (20, 11, 2), (99, 99, 2)]
    rows = {row.name: row for row in landmark_errors(errors(pair(TRUE, read, spacing=UM)))}
    assert rows["tip"].px.median == pytest.approx(5)
    assert rows["tip"].um.median == pytest.approx(np.hypot(3, 8))
    assert rows["heel"].px.mean == pytest.approx(1)
    assert rows["side"].labelled == 0
    assert rows["side"].px is None
    assert rows["all"].px.n == 2
    assert rows["all"].px.median == pytest.approx(3)
    assert rows["all"].px.p95 == pytest.approx(4.8)


def test_micrometres_need_a_scale():
    rows = landmark_errors(errors(pair(TRUE, TRUE)))
    assert rows[0].px.mean == 0
    assert rows[0].um is None


def test_landmarks_not_found_are_missing_and_wrong():
    unseen = [(10, 10, 0), (20, 10, 2), (0, 0, 0)]
    some = errors(pair(TRUE, unseen), pair(TRUE, None))
    rows = {row.name: row for row in landmark_errors(some)}
    assert rows["tip"].missing == 2
    assert rows["heel"].missing == 1
    assert pck(some, [1.0]) == {1.0: pytest.approx(1 / 4)}


def test_pck_by_pixels_and_by_size():
    read = [(13, 14, 2), (20, 11, 2), (99, 99, 2)]
    some = errors(pair(TRUE, read), reference=("tip", "heel"))  # 10 px apart
    assert pck(some, [1, 5, 4.9]) == {1: 0.5, 5: 1.0, 4.9: 0.5}
    assert relative_pck(some, [0.05, 0.1, 0.5]) == {0.05: 0.0, 0.1: 0.5, 0.5: 1.0}
    assert relative_pck(errors(pair(TRUE, read)), [0.5]) == {0.5: None}


def test_unmatched_instances_have_no_error():
    sample, reading = pair(TRUE, TRUE)
    away = replace(reading, instances=(block(100, landmarks=np.array(TRUE, float)),))
    some = errors((sample, away))
    assert len(some.px) == 0
    assert pck(some, [5.0]) == {5.0: None}
    assert landmark_errors(some)[-1].labelled == 0
