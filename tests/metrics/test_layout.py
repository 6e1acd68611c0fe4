import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.metrics.layout import layout_errors

SHARES = np.array([[0.5, 0.1], [0.2, 0.9]])


@given(st.lists(st.tuples(*[st.floats(0, 50)] * 2, *[st.floats(1, 50)] * 2), max_size=5))
def test_objects_that_fill_their_boxes_alike_have_no_error(places):
    boxes = np.array([(x, y, x + w, y + h) for x, y, w, h in places]).reshape(-1, 4)
    points = boxes[:, None, :2] + SHARES * (boxes[:, None, 2:] - boxes[:, None, :2])
    landmarks = np.concatenate([points, np.full((len(boxes), 2, 1), 2.0)], 2)
    errors = layout_errors(landmarks, boxes)
    assert errors.shape == (len(boxes), 2)
    np.testing.assert_allclose(errors, 0, atol=1e-9)


def test_the_mean_layout_lies_between_two_objects():
    boxes = np.array([[0.0, 0, 10, 20], [100, 100, 110, 120]])
    landmarks = np.array([[[2.0, 10, 2], [5, 5, 0]], [[106, 110, 1], [105, 105, 2]]])
    np.testing.assert_allclose(
        layout_errors(landmarks, boxes), [[2, np.nan], [2, 0]], equal_nan=True
    )
