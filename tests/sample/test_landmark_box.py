import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.sample import Instance
from polyclinic.sample.landmark_box import box_around, usual_margins

SIZE = (100, 120)
POINTS = np.array([[20.0, 30], [60, 40], [50, 70]])


def marked(box, points=POINTS, visible=(2, 1, 2)):
    landmarks = np.column_stack([points, visible[: len(points)]]).astype(float)
    return Instance(box=np.array(box, float), landmarks=landmarks)


@given(st.lists(st.floats(0, 15), min_size=4, max_size=4))
def test_boxes_are_drawn_as_they_were_annotated(reach):
    left, top, right, bottom = reach
    box = np.array([20 - left, 30 - top, 60 + right, 70 + bottom])
    margins = usual_margins([(marked(box), SIZE)])
    np.testing.assert_allclose(box_around(POINTS, margins, SIZE), box)


def test_margins_grow_with_the_object():
    margins = usual_margins([(marked([10, 20, 70, 80]), SIZE)])
    np.testing.assert_allclose(box_around(POINTS / 2, margins, SIZE), [5, 10, 35, 40])


def test_a_single_point_has_a_box_of_usual_size():
    margins = usual_margins([(marked([10, 20, 30, 40], POINTS[:1]), SIZE)])
    np.testing.assert_allclose(box_around(np.array([[70.0, 40]]), margins, SIZE), [60, 30, 80, 50])


def test_the_median_object_counts_and_whole_ones_come_first():
    tight, loose = marked([20, 30, 60, 70]), marked([10, 20, 70, 80])
    cut = marked([0, 0, 119, 99], visible=(2, 2, 0))
    margins = usual_margins([(one, SIZE) for one in (tight, loose, loose, cut, cut, cut, cut)])
    assert margins == (0.25, 0.25, 0.25, 0.25)
    assert usual_margins([(cut, SIZE)])[0] == pytest.approx(0.5)
    assert usual_margins([(marked([0, 0, 9, 9], visible=(2, 0, 0)), SIZE)]) is None
    assert usual_margins([]) is None


@given(
    st.lists(st.tuples(st.floats(-50, 200), st.floats(-50, 200)), min_size=1, max_size=4),
    st.lists(st.floats(-0.5, 0.5), min_size=4, max_size=4),
)
def test_every_box_lies_in_the_image_and_has_a_size(points, margins):
    box = box_around(np.array(points), tuple(margins), SIZE)
    assert (box[:2] >= -0.5).all()
    assert box[2] <= SIZE[1] - 0.5
    assert box[3] <= SIZE[0] - 0.5
    assert (box[2:] - box[:2] >= 0.5 - 1e-9).all()
