"""What stands in a CSV file is a text or a number, and never a formula."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.data.tables.sheet import read_sheet
from polyclinic.reading.csv_cells import csv_text, plain_cell, text_cell

FORMULAS = [
    "=1+1",
    "+49",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\uff1d1",
    "'=1",
    "''+1",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_could_be_computed_begins_with_an_apostrophe(text: str) -> None:
    assert text_cell(text) == f"'{text}"
    assert plain_cell(text_cell(text)) == text


@given(st.one_of(st.text(), st.text("'=+-@\t\r\n \uff1da")))
def test_every_text_comes_back_and_none_is_a_formula(text: str) -> None:
    cell = text_cell(text)
    assert plain_cell(cell) == text
    assert cell.lstrip()[:1] not in set("=+-@\uff1d\uff0b\uff0d\uff20") - {""}


def test_numbers_stay_numbers() -> None:
    table = pd.DataFrame(
        {"value": [-1.5, None], "count": pd.array([-2, None], "Int64"), "mixed": [-3.25, "-3"]}
    )
    assert csv_text(table) == "value,count,mixed\n-1.5,-2,-3.25\n,,'-3\n"


@given(st.lists(st.text(st.sampled_from("a,;'\"=\r\n\t ")), min_size=1, max_size=6))
def test_rows_are_those_of_another_reader(texts: list[str]) -> None:
    table = pd.DataFrame({"=name": texts, "number": range(len(texts))})
    rows = list(csv.reader(io.StringIO(csv_text(table), newline=""), strict=True))
    assert rows[0] == ["'=name", "number"]
    assert [plain_cell(row[0]) for row in rows[1:]] == texts
    assert [row[1] for row in rows[1:]] == [str(one) for one in range(len(texts))]


def test_a_carriage_return_is_quoted() -> None:
    assert csv_text(pd.DataFrame({"image": ["a\rb.png"], "n": [1]})) == 'image,n\n"a\rb.png",1\n'


def test_two_columns_of_one_name_are_both_written() -> None:
    table = pd.DataFrame([["=a", "-b"]], columns=["x", "x"])
    assert csv_text(table) == "x,x\n'=a,'-b\n"


def test_a_table_opens_as_it_was(tmp_path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(csv_text(pd.DataFrame({"image": ["=a.png"], "-x": ["@b"]})), newline="")
    sheet, findings = read_sheet(path)
    assert [(one.cells, findings) for one in sheet.records] == [
        ({"image": "=a.png", "-x": "@b"}, [])
    ]
