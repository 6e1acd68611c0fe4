"""Every fault names file, row, column, what was expected."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from polyclinic.data import check_cohort, open_cohort
from polyclinic.errors import DataError

POINTS = "image,patient_id,tip_x,tip_y,tip_v"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["image,grade"], ["holds no rows"]),
        (["file_name,grade", "a.png,1"], ["no column 'image'", "rename the column 'file_name'"]),
        (["image,grade,grade", "a.png,1,2"], ["column 'grade'", "2 times in the header"]),
        (
            ["image,patient_id,Patient ID", "a.png,1,2"],
            ["column 'patient_id'", "'Patient ID'", "one spelling"],
        ),
        (["image,grade", "a.png,1", "c.png,2"], ["row 3, column 'image'", "c.png is missing"]),
        (["image,grade", ",1"], ["row 2, column 'image'", "is empty"]),
        (["image,grade", "a.png,1,5"], ["row 2", "holds 3 cells", "expected 2", "decimal comma"]),
        (["image;grade", "a.png;1,5"], ["row 2, column 'grade'", "'1,5' has a decimal comma"]),
        (["image;spacing_mm", "a.png;0,5"], ["row 2, column 'spacing_mm'", "expected 0.5"]),
        (["image;tip_x;tip_y", "a.png;1;0,5"], ["row 2, column 'tip_y'", "decimal comma"]),
        (["image,tip_x", "a.png,1"], ["column 'tip_x'", "no partner 'tip_y'"]),
        (["image,x1,x2,y1", "a.png,1,2,3"], ["no column 'y2'"]),
        (["image,spacing_row_mm", "a.png,1"], ["spacing_row_mm and spacing_column_mm"]),
        (["image,spacing_mm,spacing_row_mm,spacing_column_mm", "a.png,1,1,1"], ["alone"]),
        (["image,object.kl", "a.png,1"], ["column 'object.kl'", "no column holds objects"]),
        (["image,object.,b_x,b_y", "a.png,1,2,3"], ["column 'object.'", "names no label"]),
        (
            ["image;object.w;b_x;b_y", "a.png;1,5;2;3"],
            ["row 2, column 'object.w'", "decimal comma"],
        ),
        (["image,object.kl,Object. KL,b_x,b_y", "a.png,1,1,2,3"], ["one spelling"]),
        (['image,grade,"', "a.png,1,2"], ["is no table"]),
        (["image,grade", "notes.png,1"], ["row 2, column 'image'", "is a text file"]),
    ],
)
def test_a_table_that_can_not_be_trusted_is_refused(table, tmp_path, lines, words):
    (tmp_path / "notes.png").write_text("no image")
    path = table(*lines)
    with pytest.raises(DataError) as caught:
        open_cohort(path)
    report = check_cohort(path)
    said = " | ".join(str(one) for one in report.findings)
    for word in ("table.csv", *words):
        assert word in str(caught.value)
        assert word in said
    assert report.count("error") == 1


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("NA,4,", ["column 'tip_x'", "'NA' is no number", "leave the cell empty"]),
        ("3,nan,", ["column 'tip_y'", "'nan' is no number"]),
        ("3,,", ["column 'tip_y'", "is empty", "both coordinates of 'tip'"]),
        (",,2", ["column 'tip_x'", "is empty"]),
        ("3,4,3", ["column 'tip_v'", "visibility is 3", "expected 0 (not labelled)"]),
        ("3,400,", ["column 'tip_y'", "400 lies far outside the image of 40 x 30", "0 to 29"]),
    ],
)
def test_a_row_that_can_not_be_used_is_left_out_and_named(table, cells, words):
    path = table(POINTS, "a.png,p,1,2,2", f"b.png,q,{cells}")
    cohort = open_cohort(path)
    first, second = cohort.samples
    assert first.instances[0].landmarks.tolist() == [[1, 2, 2]]
    assert second.instances is None
    (finding,) = cohort.skipped
    for word in ("table.csv, row 3", *words):
        assert word in str(finding)
    assert finding in check_cohort(path).findings


def test_a_point_just_outside_counts_as_not_labelled(table):
    path = table("image,a_x,a_y,b_x,b_y", "a.png,1,2,44,3")
    cohort = open_cohort(path)
    assert cohort.samples[0].instances[0].landmarks[:, 2].tolist() == [2, 0]
    assert "row 2: landmarks outside the image: b" in str(cohort.skipped[0])


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["image,x1,y1,x2,y2", "a.png,5,5,3,9"], ["row 2", "has no area"]),
        (["image,x1,y1,x2,y2", "a.png,5,5,,9"], ["row 2, column 'x2'", "is empty"]),
        (["image,mask", "a.png,small.png"], ["column 'mask'", "20 x 10 pixels", "40 x 30"]),
        (["image,mask", "a.png,none.png"], ["column 'mask'", "none.png", "not exist"]),
        (["image,mask", "a.png,grey.png"], ["column 'mask'", "holds 40 values"]),
        (
            ["image,Object.kl,b_x,b_y", "a.png,1,,"],
            ["row 2, column 'Object.kl'", "is a label of no object", "without 'object.'"],
        ),
        (["image,object.kl,mask", "a.png,1,empty.png"], ["row 2", "is a label of no object"]),
        (
            ["image,object.kl,b_x,b_y", "a.png,1,2,3", "b.png,2,2,3", "a.png,aa,4,3"],
            ["row 4, column 'object.kl'", "'aa' stands among numbers"],
        ),
        (["image,mask,b_x,b_y", "a.png,empty.png,3,4"], ["column 'mask'", "the mask is empty"]),
        (["image,width,height,b_x,b_y", "a.png,80,60,3,4"], ["row 2", "80 x 60", "40 x 30"]),
        (["image,spacing_mm", "a.png,-1"], ["row 2", "row spacing is -1", "no scale"]),
        (["image,spacing_mm,spacing_source", "a.png,1,guess"], ["'guess'", "calibrated"]),
        (["image,site", "a.png,Rome", "a.png,Oulu"], ["row 3, column 'site'", "row 2", "'Rome'"]),
        (["image,grade", "a.png,1", "a.png,2"], ["row 3, column 'grade'", "2 contradicts row 2"]),
        (["image,grade", "a.png,1", "b.png,2", "a.png,aa"], ["row 4", "'aa' stands among numbers"]),
        (["image,patient,grade", "a.png,p,1"], ["column 'patient'", "is 'patient_id' meant?"]),
        ([",image,grade", "0,a.png,1"], ["column 1 has no name"]),
    ],
)
def test_what_is_left_out_or_doubtful_is_named(table, tmp_path, lines, words):
    Image.new("L", (20, 10)).save(tmp_path / "small.png")
    Image.new("L", (40, 30)).save(tmp_path / "empty.png")
    Image.fromarray(np.arange(1200, dtype=np.uint8).reshape(30, 40) % 40).save(
        tmp_path / "grey.png"
    )
    path = table(*lines)
    cohort = open_cohort(path)
    said = " | ".join(str(one) for one in cohort.skipped)
    for word in ("table.csv", *words):
        assert word in said
    assert set(cohort.skipped) <= set(check_cohort(path).findings)


def test_masks_of_classes_are_one_object_a_value(table, tmp_path):
    (tmp_path / "table.schema.json").write_text('{"mask_classes": {"1": "rim"}}')
    Image.new("L", (40, 30), 7).save(tmp_path / "m.png")
    cohort = open_cohort(table("image,mask", "a.png,m.png"))
    assert "m.png holds the value 7; expected 0, 1" in str(cohort.skipped[0])
    with pytest.raises(DataError, match="beside masks of several classes"):
        open_cohort(table("image,mask,b_x,b_y", "a.png,m.png,1,1"))
    with pytest.raises(DataError, match=r"object.kl.* beside masks of several classes"):
        open_cohort(table("image,mask,object.kl", "a.png,m.png,1"))


def test_labels_of_one_value_and_missing_patients_are_said(table):
    said = " | ".join(map(str, check_cohort(table("image,grade", "a.png,1")).findings))
    assert "label 'grade' is always 1" in said
    assert "1 of 1 images name no patient" in said


def test_other_encodings_are_refused(table):
    with pytest.raises(DataError, match="UTF-8"):
        open_cohort(table("image,größe", "a.png,1", encoding="latin-1"))
    with pytest.raises(DataError, match="UTF-8"):
        open_cohort(table("image,grade", "a.png,1", encoding="utf-16"))


def test_a_table_without_a_byte_is_refused(tmp_path):
    (tmp_path / "table.csv").touch()
    with pytest.raises(DataError, match="holds no rows"):
        open_cohort(tmp_path / "table.csv")
