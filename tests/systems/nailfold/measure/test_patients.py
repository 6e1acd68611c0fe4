import numpy as np
import pytest

from polyclinic.reading import Measurement, Reading
from polyclinic.sample import Instance
from polyclinic.systems.nailfold.measure.patients import pool_patients

BOX = Instance(box=np.array([0.0, 0, 4, 4]))


def image(number, patient, rows, **changes):
    known = {"instances": (BOX, BOX, BOX), "measurements": tuple(rows), **changes}
    return Reading(image_id=number, patient_id=patient, size=(10, 10), **known)


def diameter(value, instance, unit="um"):
    return Measurement(
        name="apical_diameter",
        value=value,
        unit=unit,
        instance=instance,
        scale_source="calibrated" if unit == "um" else "unknown",
        flags=() if value is not None else ("landmark-missing",),
    )


def count(value):
    return Measurement(name="giant_count", value=value, unit="count")


def pooled(readings, patient):
    return {(m.name, m.unit): m for m in pool_patients(readings)[patient]}


def test_images_weigh_the_same_and_counts_add_up():
    readings = [
        image(1, "a", [diameter(10, 0), diameter(14, 1), diameter(None, 2), count(2.0)]),
        image(2, "a", [diameter(20, 0), count(1.0)]),
        image(3, "b", [count(5.0)]),
    ]
    rows = pooled(readings, "a")
    assert rows["apical_diameter", "um"].value == pytest.approx((12 + 20) / 2)
    assert rows["apical_diameter", "um"].scale_source == "calibrated"
    assert rows["apical_diameter", "um"].flags == ("landmark-missing",)
    assert rows["giant_count", "count"].value == 3
    assert rows["evaluable_images", "count"].value == 2
    assert pooled(readings, "b")["giant_count", "count"].value == 5


def test_pixels_and_micrometres_stay_apart():
    readings = [image(1, "a", [diameter(10, 0)]), image(2, "a", [diameter(6, 0, "px")])]
    rows = pooled(readings, "a")
    assert rows["apical_diameter", "um"].value == 10
    assert rows["apical_diameter", "px"].value == 6


def test_images_that_could_not_be_read_are_not_evaluable():
    broken = image(1, "a", [], instances=None, error="truncated")
    rows = pooled([broken], "a")
    assert rows["evaluable_images", "count"].value == 0
    assert rows["evaluable_images", "count"].flags == ("no-evaluable-image",)


def test_an_image_without_a_patient_stands_alone():
    assert set(pool_patients([image(7, None, []), image(8, None, [])])) == {"7", "8"}


def test_csuri_is_not_pooled():
    row = Measurement(name="csuri", value=3.0, unit="1", scale_source="calibrated")
    assert ("csuri", "1") not in pooled([image(1, "a", [row])], "a")
