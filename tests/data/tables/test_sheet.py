"""A table with zero bytes, as a copy that broke off leaves them, is refused."""

import pytest

from polyclinic.data.tables.sheet import read_sheet
from polyclinic.errors import DataError

TABLE = b"image,patient_id,label\na.png,p1,odd\nb.png,p2,even\n"


@pytest.mark.parametrize(
    ("at", "line"), [(0, 1), (8, 1), (30, 2), (len(TABLE) - 4, 3), (len(TABLE), 4)]
)
def test_zero_bytes_are_told_with_their_line(tmp_path, at, line):
    file = tmp_path / "one.csv"
    file.write_bytes(TABLE[:at] + bytes(3) + TABLE[at:])
    with pytest.raises(DataError, match=f"zero bytes, the first in line {line};"):
        read_sheet(file)


def test_a_whole_table_is_read(tmp_path):
    file = tmp_path / "one.csv"
    file.write_bytes(TABLE)
    sheet, findings = read_sheet(file)
    assert findings == []
    assert len(sheet.records) == 2
