import pandas as pd
import pytest

from polyclinic.reading import Reading
from polyclinic.reading.finding_table import (
    FINDINGS,
    PATIENTS,
    QUALITY,
    finding_table,
    patient_table,
    quality_table,
    write_findings,
)
from polyclinic.reading.pooled_findings import pool_findings

SURE, UNSURE = {"no": 0.1, "yes": 0.9}, {"no": 0.6, "yes": 0.4}


def reading(image, patient="p", **known):
    return Reading(image_id=image, size=(4, 4), file=f"{image}.png", patient_id=patient, **known)


READINGS = [
    reading("a", findings={"sick": SURE}, quality={"quality": 0.8}, flags=("take it again; now",)),
    reading("b", findings={"sick": UNSURE, "grade": {"1": 1.0, "2": 0.0}}),
    reading("c", error="truncated"),
    reading("d", None, findings={"sick": SURE}, quality={"quality": 0.1}),
]


def test_a_row_a_value_and_one_for_what_was_not_read():
    table = finding_table(READINGS)
    assert tuple(table) == FINDINGS
    assert table["image"].tolist() == ["a.png"] * 2 + ["b.png"] * 4 + ["c.png"] + ["d.png"] * 2
    assert table["finding"].tolist() == ["sick"] * 4 + ["grade"] * 2 + ["", "sick", "sick"]
    assert table["probability"][1] == 0.9
    assert table["flag"][0] == "take it again, now"
    assert table["flag"][6] == "error: truncated"
    assert table["patient_id"].isna().tolist() == [False] * 7 + [True] * 2


def test_quality_stands_under_its_name():
    table = quality_table(READINGS)
    assert tuple(table) == QUALITY
    assert table["image"].tolist() == ["a.png", "c.png", "d.png"]
    assert table["value"].tolist()[::2] == [0.8, 0.1]
    assert table["flag"].tolist() == ["take it again, now", "error: truncated", ""]


def test_patients_are_pooled_and_images_without_one_are_not():
    table = patient_table(READINGS)
    assert tuple(table) == PATIENTS
    assert table["patient_id"].unique().tolist() == ["p"]
    assert table["images"].tolist() == [2, 2, 1, 1]
    expected = pool_findings(READINGS)["p"]["sick"]
    assert table["probability"].tolist()[:2] == pytest.approx(list(expected.values()))


def test_only_tables_that_hold_anything_are_written(tmp_path):
    names = [path.name for path in write_findings(READINGS, tmp_path)]
    assert names == ["findings.csv", "patients.csv", "quality.csv"]
    again = pd.read_csv(tmp_path / "patients.csv")
    assert again["probability"].tolist() == pytest.approx(
        patient_table(READINGS)["probability"].tolist(), rel=1e-5
    )
    assert write_findings([reading("a"), reading("c", error="truncated")], tmp_path) == []
    alone = write_findings([READINGS[3]], tmp_path / "alone")
    assert [path.name for path in alone] == ["findings.csv", "quality.csv"]
