import numpy as np

from polyclinic.metrics.segmentation import EMPTY_CASE_POLICY, EmptyCases


def test_each_image_is_of_one_of_four_kinds():
    counts = np.array([[0, 0, 0], [0, 2, 0], [0, 0, 3], [0, 1, 1], [2, 2, 2]], float)
    assert EmptyCases.of("cup", counts[:, 1:] > 0) == EmptyCases(
        name="cup", neither=1, only_annotated=1, only_found=1, both=2
    )


def test_the_policy_is_one_line():
    assert "\n" not in EMPTY_CASE_POLICY
