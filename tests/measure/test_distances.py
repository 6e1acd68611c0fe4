import numpy as np
import pytest

from polyclinic.errors import DataError
from polyclinic.measure.distances import measure_distances
from polyclinic.reading import Reading
from polyclinic.sample import Instance, Spacing
from polyclinic.schema import LandmarkSchema

SCHEMA = LandmarkSchema(names=("left end", "middle", "top"))
PAIRS = (("left end", "middle"), ("middle", "top"))


def reading(*visible, spacing=None, found=True):
    points = np.array([[10, 20], [13, 24], [13, 4]])
    one = Instance(
        box=np.array([0.0, 0, 30, 30]),
        landmarks=np.column_stack([points, visible or (2, 2, 2)]).astype(float),
        score=0.9,
    )
    return Reading(
        image_id=1,
        size=(40, 50),
        spacing=spacing or Spacing.unknown(),
        landmark_schema=SCHEMA,
        instances=(one,) if found else (),
    )


def test_pixels_where_there_is_no_scale():
    first, second = measure_distances(reading(), PAIRS)
    assert (first.name, first.value, first.unit) == ("left_end_to_middle", 5, "px")
    assert (second.name, second.value, second.instance) == ("middle_to_top", 20, 0)
    assert first.flags == ("unknown-scale",)


def test_millimetres_where_rows_and_columns_differ():
    spacing = Spacing(row_mm=0.5, column_mm=1.0, origin="calibrated")
    first, second = measure_distances(reading(spacing=spacing), PAIRS)
    assert first.value == pytest.approx(np.hypot(3, 2))
    assert (second.value, second.unit, second.flags) == (10, "mm", ())
    assert second.scale_source == "calibrated"


def test_what_is_not_there_has_a_reason():
    first, second = measure_distances(reading(2, 2, 0), PAIRS)
    assert first.value == 5
    assert (second.value, second.flags) == (None, ("landmark-missing",))
    nothing = measure_distances(reading(found=False), PAIRS)
    assert [(one.value, one.instance, one.flags) for one in nothing] == [
        (None, None, ("object-not-found",))
    ] * 2


def test_unknown_names_are_refused():
    with pytest.raises(DataError, match="no landmark is named 'mid'"):
        measure_distances(reading(), [("left end", "mid")])
