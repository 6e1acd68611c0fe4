"""Published tables, as they are or with columns renamed."""

from __future__ import annotations

import csv

import pytest

from polyclinic.data import open_cohort

MOUSE = ("dlc_mouse_keypoints/openfield_keypoints.csv", "dlc_mouse_keypoints/openfield")
EYES = ("idrid_fundus/grades.csv", "idrid_fundus/grade_images")
HEADS = ("hc18_fetal_head/measurements.csv", "hc18_fetal_head/images")


@pytest.fixture
def opened(shared_data, tmp_path):
    """Open a table with its images beside it; columns may be renamed."""

    def open_both(table, images, renamed=None):
        if not (shared_data / table).is_file():
            pytest.skip(f"no {table}")
        header, *rows = csv.reader((shared_data / table).read_text().splitlines())
        header = [(renamed or {}).get(name, name) for name in header]
        with (tmp_path / "table.csv").open("w", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        (tmp_path / "images").symlink_to(shared_data / images)
        return open_cohort(tmp_path / "table.csv"), [
            dict(zip(header, r, strict=True)) for r in rows
        ]

    return open_both


def test_named_points_of_mice(opened):
    cohort, rows = opened(*MOUSE)
    assert cohort.landmark_schema.names == ("snout", "leftear", "rightear", "tailbase")
    assert cohort.landmark_schema.swaps == (("leftear", "rightear"),)
    assert not cohort.skipped
    assert len(cohort) == len(rows)
    for sample, row in zip(cohort.samples, rows, strict=True):
        x, y, seen = sample.instances[0].landmarks[0]
        assert (x, y, seen) == (float(row["snout_x"]), float(row["snout_y"]), 2)


def test_grades_of_eyes(opened):
    cohort, rows = opened(*EYES)
    assert cohort.facts().label_values["dr_grade"] == (0, 1, 2, 3, 4)
    for sample, row in zip(cohort.samples, rows, strict=True):
        assert sample.labels["dr_grade"] == int(row["dr_grade"])
        assert sample.extra["split"] == row["split"]
        assert sample.instances is None


def test_measured_heads(opened):
    renamed = {"pixel_size_mm": "spacing_mm", "hc_mm_official": "head_circumference"}
    cohort, rows = opened(*HEADS, renamed)
    assert cohort.landmark_schema.names == ("ofd1", "ofd2", "bpd1", "bpd2")
    assert cohort.facts().annotates("head_circumference")
    for sample, row in zip(cohort.samples, rows, strict=True):
        assert sample.spacing.row_mm == sample.spacing.column_mm == float(row["spacing_mm"])
        assert sample.labels["head_circumference"] == float(row["head_circumference"])
