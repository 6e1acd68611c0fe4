from __future__ import annotations

from dataclasses import replace

from polyclinic.report import split_section

from .example import AUDIT


def test_counts_by_part() -> None:
    table = split_section(AUDIT).table
    assert table.columns == ("", "train", "validation", "test")
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["patients"] == (28, 6, 6)
    assert rows["instances: aggregation"] == (33, 0, 7)
    assert rows["patients: early"] == (8, 2, 1)


def test_leaks_are_warnings_and_their_absence_is_said() -> None:
    (pair,) = AUDIT.near_duplicates
    leaky = replace(
        AUDIT,
        message="each image counts as its own patient",
        shared_patients=("P7",),
        near_duplicates=(pair,) * 12,
    )
    warnings = [one.text for one in split_section(leaky).messages if one.level == "warning"]
    assert len(warnings) == 1 + 1 + 10 + 1
    assert "patient P7" in warnings[1]
    assert warnings[-1] == "2 more such pairs."
    clean = split_section(replace(AUDIT, near_duplicates=()))
    assert {one.level for one in clean.messages} == {"note"}
    assert clean.messages[-1].text.endswith("no near-duplicates across parts.")
