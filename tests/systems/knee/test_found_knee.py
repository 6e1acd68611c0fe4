"""Joint surfaces are taken from the film, at the depth at which it is stored."""

from dataclasses import replace

import numpy as np
import pytest

from polyclinic.sample import Sample, Spacing
from polyclinic.schema import LandmarkSchema
from polyclinic.schema.knee import JOINT_SURFACES
from polyclinic.systems.knee.found_knee import with_bone_edges
from polyclinic.systems.knee.measure.measurer import measure_knees
from tests.systems.knee.measure.knees import PIXEL_MM, drawn, film, knee


@pytest.mark.parametrize("deep", [True, False])
def test_the_space_of_a_film_is_the_one_that_was_drawn(deep):
    grey, points = drawn(3.0)
    shown = np.repeat((grey / 4095 * 255).astype(np.uint8)[..., None], 3, 2)
    sample = Sample(image_id=1, size=grey.shape, image=shown, deep=grey if deep else None)
    spacing = Spacing.square(PIXEL_MM, "detector")
    reading = film(knee(points, outlines={}), spacing=spacing, size=grey.shape)
    seen = with_bone_edges(sample, reading)
    assert set(seen.instances[0].outlines) == set(JOINT_SURFACES)
    measured = {one.name: one for one in measure_knees(seen)}
    assert measured["medial_joint_space_min"].value == pytest.approx(3.0, abs=0.15)
    assert measured["medial_joint_space_min"].flags == ()


def test_other_landmarks_and_knees_without_any_stay_as_they_are():
    grey, points = drawn(3.0)
    shown = np.repeat((grey / 4095 * 255).astype(np.uint8)[..., None], 3, 2)
    sample = Sample(image_id=1, size=grey.shape, image=shown)
    reading = film(knee(points, landmarks=None, outlines={}), size=grey.shape)
    assert with_bone_edges(sample, reading).instances[0].outlines == {}
    other = replace(reading, landmark_schema=LandmarkSchema(names=("tip",)))
    assert with_bone_edges(sample, other) is other
