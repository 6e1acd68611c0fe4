import numpy as np

from polyclinic.decoding import LandmarkDecoder, ReadingBuilder
from polyclinic.geometry import Homography
from polyclinic.sample import Sample


def test_only_the_rows_that_were_looked_at_get_landmarks():
    draft = ReadingBuilder(Sample(image_id=1, size=(40, 60)), Homography.identity())
    draft.instances = [{"box": np.array([0.0, 0, 9, 9]), "category": c} for c in (0, 1, 0)]
    found = {
        "rows": np.array([0, 2]),
        "boxes": np.array([[0, 0, 10, 10], [20, 10, 40, 30]], np.float32),
        "places": np.array([[[0.5, 0.5]], [[0.0, 1.0]]], np.float32),
        "confidence": np.array([[0.9], [1.1]], np.float32),
    }
    LandmarkDecoder(margin=0.1).decode(found, draft)
    first, second, third = draft.instances
    # The boxes are widened by a tenth a side; pixel centres lie at integers.
    np.testing.assert_allclose(first["landmarks"], [[4.5, 4.5, 2]])
    np.testing.assert_allclose(third["landmarks"], [[17.5, 31.5, 2]])
    assert third["landmark_confidence"] == [1.0]
    assert second.keys() == {"box", "category"}
