from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from polyclinic.reading import Measurement, Reading
from polyclinic.reading.table import COLUMNS, measurement_table, write_measurements

DIAMETER = Measurement(
    name="apical_diameter",
    value=14.25,
    unit="um",
    lower=12.5,
    upper=16.0,
    scale_source="calibrated",
    flags=("mask-landmark-disagreement", "blurred"),
)
NO_LENGTH = Measurement(name="loop_length", value=None, unit="px", flags=("no mask",))
READ = Reading(
    image_id=7,
    file="a.jpg",
    patient_id="P1",
    size=(4, 5),
    measurements=(DIAMETER, NO_LENGTH),
    flags=("dark",),
)
BROKEN = Reading(image_id="b", size=(0, 0), error="not an image; 3 bytes\nlong")
EMPTY = Reading(image_id="c", size=(4, 5))


def test_columns_are_the_published_ones() -> None:
    assert (
        ",".join(measurement_table([]).columns)
        == "image,patient_id,instance,class,name,value,unit,lower,upper,scale_source,flag"
    )
    assert tuple(measurement_table([READ]).columns) == COLUMNS


def test_one_row_a_measurement_in_order() -> None:
    table = measurement_table([READ, EMPTY, BROKEN])
    assert list(table["name"]) == ["apical_diameter", "loop_length", ""]
    assert list(table["image"]) == ["a.jpg", "a.jpg", "b"]
    assert list(table["flag"]) == [
        "mask-landmark-disagreement;blurred;dark",
        "no mask;dark",
        "error: not an image, 3 bytes long",
    ]
    assert table["value"].tolist()[0] == 14.25
    assert table["value"].isna().tolist() == [False, True, True]


def test_a_flagged_image_without_measurements_keeps_a_row() -> None:
    table = measurement_table([Reading(image_id=1, size=(2, 2), flags=("out of focus",))])
    assert table["flag"].tolist() == ["out of focus"]


def test_written_file_reads_back(tmp_path: Path) -> None:
    path = write_measurements([READ, BROKEN], tmp_path / "measurements.csv")
    back = pd.read_csv(path)
    assert tuple(back.columns) == COLUMNS
    assert back.loc[0, ["value", "lower", "upper"]].tolist() == [14.25, 12.5, 16.0]
    assert [file.name for file in tmp_path.iterdir()] == ["measurements.csv"]


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_measurements([READ], tmp_path / "measurements.csv")
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_measurements([BROKEN], path)
    assert path.read_bytes() == before


def test_a_reading_gives_its_own_frame() -> None:
    pd.testing.assert_frame_equal(READ.to_frame(), measurement_table([READ]))
