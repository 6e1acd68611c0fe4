"""What spreadsheets and scripts leave in cells is no class, no number and no name."""

import pytest

from polyclinic.data import check_cohort, open_cohort
from polyclinic.data.damage import disguised_number, is_date, spreadsheet_error
from polyclinic.errors import DataError

ERRORS = ["#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#WERT!", "####"]


@pytest.mark.parametrize("wreck", ERRORS)
@pytest.mark.parametrize(
    "header",
    ["grade", "class,x1,y1,x2,y2", "object.kl,x1,y1,x2,y2", "site", "split", "sex", "tip_x,tip_y"],
)
def test_a_failure_of_a_spreadsheet_refuses_the_table(table, header, wreck):
    others = ",1,1,9,9" if "x1" in header else ",4" if "tip" in header else ""
    path = table(f"image,{header}", f"a.png,1{others}", f"b.png,{wreck}{others}")
    column = header.split(",")[0]
    with pytest.raises(DataError, match=f"row 3, column '{column}'"):
        open_cohort(path)
    said = [str(one) for one in check_cohort(path).findings if one.severity == "error"]
    assert any(wreck in one for one in said)


@pytest.mark.parametrize(
    ("cells", "row", "what"),
    [
        (["10%", "20%"], 2, "a percentage"),
        (["1", "2", "\u22123"], 4, "a dash for a minus"),
        (["\u20131", "2"], 2, "a dash for a minus"),
        (["12 mm", "13"], 2, "its unit"),
        (["0.5mm", "0.6mm"], 2, "its unit"),
        (["1.234", "2.001,5"], 3, "separators of thousands"),
        (["1 234", "1 300"], 2, "separators of thousands"),
        (["1,234,567", "2"], 2, "separators of thousands"),
        (["<5", "7", "8"], 2, "signs around it"),
        (["01-Feb", "1", "2", "3"], 2, "a date"),
        (["1", "2", "Mar-03"], 4, "a date"),
        (["1", "2", "NA"], 4, "where a value is missing"),
        (["1", "2", "none"], 4, "where a value is missing"),
        (["cyst", "nan", "tumour"], 3, "where a value is missing"),
        (["cyst", "N/A", "tumour"], 3, "where a value is missing"),
    ],
)
def test_what_would_become_a_class_by_mistake_refuses_the_table(tmp_path, cells, row, what):
    from PIL import Image

    Image.new("L", (40, 30)).save(tmp_path / "a.png")
    for number, _ in enumerate(cells):
        Image.new("L", (40, 30)).save(tmp_path / f"{number}.png")
    path = tmp_path / "t.csv"
    lines = [f"{number}.png;{cell}" for number, cell in enumerate(cells)]
    path.write_text("\n".join(["image;grade", *lines]))
    with pytest.raises(DataError) as caught:
        open_cohort(path)
    assert f"row {row}, column 'grade'" in str(caught.value)
    assert what in str(caught.value)


def test_a_comma_may_be_either(table):
    path = table("image;head", "a.png;1,234")
    with pytest.raises(DataError, match=r"1.234, or 1234 if the comma separates thousands"):
        open_cohort(path)


@pytest.mark.parametrize("cell", ["0.5 mm", "5%", "\u22121", "1,234.5", "~1"])
@pytest.mark.parametrize("header", ["spacing_mm", "tip_x,tip_y", "x1,y1,x2,y2"])
def test_a_column_of_numbers_holds_plain_ones(table, header, cell):
    rest = ",2" * header.count(",")
    path = table(f"image,{header}", f"a.png,1{rest}", f'b.png,"{cell}"{rest}')
    with pytest.raises(DataError, match=rf"row 3, column '{header.split(',')[0]}': '{cell}' is a "):
        open_cohort(path)


def test_words_stay_words(table):
    path = table(
        "image,stage,note,day", "a.png,none,5 mm cyst,2021-03-04", "b.png,NA II,3+,2021-05-01"
    )
    first, second = open_cohort(path).samples
    assert first.labels == {"stage": "none", "note": "5 mm cyst", "day": "2021-03-04"}
    assert second.labels["stage"] == "NA II"


def test_what_nobody_sees_makes_no_other_class(table):
    path = table("image,stage", "a.png,cyst", "b.png,cyst\u200b\u00a0")
    assert {one.labels["stage"] for one in open_cohort(path).samples} == {"cyst"}
    numbers = table("image,grade", "a.png,1\u200b", "b.png,2")
    assert [one.labels["grade"] for one in open_cohort(numbers).samples] == [1, 2]


@pytest.mark.parametrize(
    "text", ["#1", "C#", "NV", "1-2", "T2", "3+", "II", "12", "-0.5", "1.234", "1e-3"]
)
def test_what_is_no_wreck(text):
    assert not spreadsheet_error(text)
    assert disguised_number(text) is None
    assert not is_date(text)
