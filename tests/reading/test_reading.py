from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from polyclinic.errors import DataError
from polyclinic.reading import Measurement, Reading
from polyclinic.sample import Instance, Mask
from polyclinic.schema import LandmarkSchema

BOX = np.array([0.0, 0, 3, 3])
SCHEMA = LandmarkSchema(names=("a", "b"))


def _reading(**changes: Any) -> Reading:
    return Reading(**{"image_id": 1, "size": (8, 9), "classes": ("x", "y")} | changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"instances": (Instance(box=BOX, category=2),)}, "class 2; expected 0 ... 1"),
        ({"instances": (Instance(box=BOX, category=-1),)}, "class -1"),
        ({"instances": (Instance(box=BOX, landmarks=np.zeros((2, 3))),)}, "2 landmarks"),
        (
            {
                "instances": (Instance(box=BOX, landmarks=np.zeros((3, 3))),),
                "landmark_schema": SCHEMA,
            },
            "3 landmarks; expected 2",
        ),
        (
            {"instances": (Instance(box=BOX, mask=Mask.from_array(np.ones((9, 8), bool))),)},
            r"mask of instance 0 lies in \(9, 8\)",
        ),
        ({"label_maps": {"layers": np.zeros((9, 8), int)}}, "label map 'layers'"),
        ({"findings": {"grade": {"1": 1.2}}}, "finding 'grade'"),
        (
            {
                "instances": (Instance(box=BOX),),
                "measurements": (Measurement(name="n", value=1, unit="count", instance=1),),
            },
            "belongs to instance 1; expected one of 1",
        ),
    ],
)
def test_rows_must_stay_in_step(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        _reading(**changes)


def test_class_names() -> None:
    reading = _reading(instances=(Instance(box=BOX, category=1), Instance(box=BOX)))
    assert [reading.class_name(one) for one in reading.instances or ()] == ["y", "instance"]


def test_measurements_are_filled_in_without_changing_the_rest() -> None:
    reading = _reading(instances=(Instance(box=BOX),), flags=("dark",))
    count = Measurement(name="count", value=1, unit="count")
    filled = reading.with_measurements((count,))
    assert filled.measurements == (count,)
    assert filled.instances is reading.instances
    assert filled.flags == ("dark",)
    assert reading.measurements == ()
