import numpy as np
import pytest

from polyclinic.errors import DataError
from polyclinic.measure.length import Trace, length, length_unit
from polyclinic.sample import Spacing


def test_pixels_become_micrometres():
    line = np.array([[0.0, 0.0], [3.0, 4.0]])
    assert length(line, Spacing.unknown()) == pytest.approx(5.0)
    assert length(line, Spacing.square(0.0017, "calibrated")) == pytest.approx(8.5)
    assert length_unit(Spacing.unknown()) == "px"
    assert length_unit(Spacing.square(0.0017, "assumed")) == "um"


def test_rows_and_columns_may_differ():
    spacing = Spacing(row_mm=0.002, column_mm=0.001, origin="calibrated")
    assert length(np.array([[0.0, 0.0], [10.0, 0.0]]), spacing) == pytest.approx(10.0)
    assert length(np.array([[0.0, 0.0], [0.0, 10.0]]), spacing) == pytest.approx(20.0)
    corner = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]])
    assert length(corner, spacing) == pytest.approx(30.0)


def test_a_trace_is_drawn_or_says_why():
    with pytest.raises(DataError, match="points or a reason"):
        Trace()
    with pytest.raises(DataError):
        Trace(points=np.zeros((2, 2)), reason="both")
