"""The HC18 example reads its folder rightly, and our ellipse is the official one."""

import csv
import importlib.util
from pathlib import Path

import cv2
import numpy as np
import pytest

from polyclinic.data import open_cohort, write_coco
from polyclinic.measure.regions import measure_region
from tests.measure.test_ellipse import draw, perimeter

SCRIPT = Path(__file__).parents[3] / "examples" / "hc18" / "make_coco.py"


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("make_coco", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def circumference_errors(cohort):
    """(N,) relative difference of the annotated head's circumference from the official one."""
    errors = []
    for sample in cohort.samples:
        [found] = measure_region(
            "head", sample.instances[0].mask, sample.spacing, ("circumference",)
        )
        assert found.unit == "mm"
        errors.append(found.value / sample.labels["head_circumference"] - 1)
    return np.abs(errors)


def test_a_folder_becomes_a_cohort(example, tmp_path):
    for part in ("images", "masks"):
        (tmp_path / "in" / part).mkdir(parents=True)
    with (tmp_path / "in" / "measurements.csv").open("w") as file:
        table = csv.writer(file)
        table.writerow(["image", "pixel_size_mm", "hc_mm_official"])
        for name in ("000_HC.png", "014_3HC.png"):
            head = 255 * draw((60, 45), 40, 30, 0, size=(90, 120)).array().astype(np.uint8)
            cv2.imwrite(str(tmp_path / "in" / "images" / name), head // 2)
            cv2.imwrite(str(tmp_path / "in" / "masks" / name), head)
            table.writerow([name, 0.5, 0.5 * perimeter(40, 30)])
    write_coco(example.make_cohort(tmp_path / "in"), tmp_path / "out" / "hc18.json")
    cohort = open_cohort(tmp_path / "out" / "hc18.json")
    assert cohort.skipped == ()
    assert cohort.classes == ("head",)
    assert [one.patient_id for one in cohort.samples] == ["000", "014"]
    first = cohort.load(0)
    assert (first.spacing.origin, first.spacing.row_mm) == ("calibrated", 0.5)
    assert first.labels == {"head_circumference": pytest.approx(110.5, abs=0.1)}
    assert (first.pixels.max(axis=2) > 0)[first.instances[0].mask.array()].all()
    assert circumference_errors(cohort).max() < 0.01


def test_our_ellipse_is_the_official_one(example, shared_data):
    errors = circumference_errors(example.make_cohort(shared_data / "hc18_fetal_head"))
    assert len(errors) > 100
    assert errors.max() < 0.01
    assert np.median(errors) < 0.0025
