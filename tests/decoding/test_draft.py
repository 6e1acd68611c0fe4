import numpy as np
import pytest

from polyclinic.decoding import Draft
from polyclinic.errors import DataError
from polyclinic.geometry import Homography
from polyclinic.sample import Sample

SAMPLE = Sample(image_id=3, size=(40, 60), file="a.png", patient_id="p")


def draft(*scores):
    one = Draft(SAMPLE, Homography.identity())
    one.instances = [
        {"box": np.array([1.0, 2, 3, 4]), "category": 0, "score": score} for score in scores
    ]
    return one


def test_only_accepted_instances_are_reported():
    reading = draft(0.9, 0.5, 0.49).finish(("loop",), None, {"model": "m"}, accept=0.5)
    assert [one.score for one in reading.instances] == [0.9, 0.5]
    assert (reading.image_id, reading.file, reading.patient_id) == (3, "a.png", "p")
    assert reading.provenance == {"model": "m"}


def test_not_looked_for_differs_from_not_found():
    assert Draft(SAMPLE, Homography.identity()).finish((), None, {}, 0.5).instances is None
    assert draft().finish(("loop",), None, {}, 0.5).instances == ()


def test_what_does_not_fit_is_refused():
    with pytest.raises(DataError, match="class 0"):
        draft(0.9).finish((), None, {}, 0.5)
