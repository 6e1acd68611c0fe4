"""A table written as COCO and read back holds the same."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from polyclinic.data import check_cohort, open_cohort, write_coco
from polyclinic.errors import DataError

WIDTH, HEIGHT = 40, 30
FILES = ("a.png", "b.png", "c.png")
MASKS = ("full.png", "some.png", "none.png")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    for name in FILES:
        Image.new("L", (WIDTH, HEIGHT)).save(folder / name)
    some = np.zeros((HEIGHT, WIDTH), np.uint8)
    some[4:9, 10:30] = 200
    some[5, 20] = 0
    for name, values in zip(MASKS, (some * 0 + 1, some, some * 0), strict=True):
        Image.fromarray(values).save(folder / name)
    return folder


words = st.text("abc é,;\"'", max_size=4)
x, y = st.floats(-1, WIDTH + 5).map(str), st.floats(-1, HEIGHT + 5).map(str)
number = st.integers(-3, 3).map(str) | st.floats(-9, 9).map(str) | st.just("")
OPTIONAL = {
    "patient_id": words.filter(lambda text: not text or any(map(str.isalnum, text))),
    "laterality": st.sampled_from(["left", "right", ""]),
    "spacing_mm": st.floats(0.001, 3).map(str) | st.just(""),
    "split": st.sampled_from(["train", "val", ""]),
    "grade": number,
    "quality": st.floats(0, 1).map(str) | st.sampled_from(["", "2"]),
    "Sharp image": st.sampled_from(["a.png", "b.png", "none.png", ""]),
    "stage": words,
    "class": st.sampled_from(["cell", "nucleus", ""]),
    "rater": words,
    "mask": st.sampled_from([*MASKS, ""]),
    "object.kl": number,
    "Object.note": words,
    "tip_v": st.sampled_from(["0", "1", "2", ""]),
}


@st.composite
def tables(draw):
    """Columns in any order, landmarks and boxes in some; cells that may be empty."""
    columns = {"image": st.sampled_from(FILES)}
    columns |= {name: cells for name, cells in OPTIONAL.items() if draw(st.booleans())}
    tip, side, box = (draw(st.booleans()) for _ in range(3))
    if not (tip or side or box or "mask" in columns):
        columns = {name: cells for name, cells in columns.items() if "." not in name}
    if tip:
        columns |= {"tip_x": x | st.just(""), "tip_y": y | st.just("")}
    if side:
        columns |= {"left_x": x, "left_y": y, "right_x": x, "right_y": y}
    if box:
        near, far = st.floats(-2, 14).map(str), st.floats(14.5, WIDTH).map(str)
        columns |= {"x1": near, "y1": near, "x2": far, "y2": far}
    names = draw(st.permutations(list(columns)))
    rows = draw(
        st.lists(st.fixed_dictionaries({n: columns[n] for n in names}), min_size=1, max_size=5)
    )
    return names, rows


def save(path, names, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


def same_array(one, other):
    return (one is None) == (other is None) and (one is None or np.array_equal(one, other))


def assert_same_instance(one, other):
    for key in ("category", "rater", "crowd", "id", "score", "labels"):
        assert getattr(one, key) == getattr(other, key)
    assert same_array(one.box, other.box)
    assert same_array(one.landmarks, other.landmarks)
    assert (one.mask is None) == (other.mask is None)
    assert one.mask is None or same_array(one.mask.array(), other.mask.array())


IDENTITY = (
    "image_id",
    "size",
    "file",
    "sharp_file",
    "patient_id",
    "laterality",
    "labels",
    "annotated",
)


def assert_same_sample(one, other):
    for key in IDENTITY:
        assert getattr(one, key) == getattr(other, key)
    assert one.spacing.known == other.spacing.known
    assert not one.spacing.known or one.spacing == other.spacing
    assert one.extra.get("split") == other.extra.get("split")
    assert (one.instances is None) == (other.instances is None)
    for mine, theirs in zip(one.instances or (), other.instances or (), strict=True):
        assert_same_instance(mine, theirs)


@settings(max_examples=150, deadline=None)
@given(table=tables())
def test_as_coco_it_is_the_same(folder, table):
    path = folder / "table.csv"
    save(path, *table)
    cohort = open_cohort(path)
    write_coco(cohort, folder / "again.json")
    again = open_cohort(folder / "again.json")
    assert (again.classes, again.landmark_schema) == (cohort.classes, cohort.landmark_schema)
    for one, other in zip(cohort.samples, again.samples, strict=True):
        assert_same_sample(one, other)
    write_coco(again, folder / "third.json")
    assert (folder / "third.json").read_text() == (folder / "again.json").read_text()


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=60) | st.text('image,a_x;y"\n\r\t\x00é1.5', max_size=40))
def test_whatever_a_table_holds_the_answer_is_a_cohort_or_one_message(folder, data):
    path = folder / "any.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    errors = check_cohort(path).count("error")
    try:
        open_cohort(path)
    except DataError:
        assert errors


SOUND = {
    "image": "a.png",
    "patient_id": "p",
    "spacing_row_mm": "0.1",
    "spacing_column_mm": "0.2",
    "spacing_source": "detector",
    "width": "40",
    "height": "30",
    "grade": "2",
    "tip_x": "3",
    "tip_y": "4",
    "tip_v": "1",
    "x1": "1",
    "y1": "1",
    "x2": "9",
    "y2": "8.5",
    "mask": "some.png",
    "sharp_image": "b.png",
    "quality": "0.5",
    "class": "cell",
    "rater": "EM",
    "object.kl": "2",
}
ODD = [
    "nan",
    "inf",
    "-1",
    "1e308",
    "1e999",
    "1,5",
    "0",
    "9" * 30,
    "a.png",
    "none.png",
    ".",
    "\x00",
    "a" * 300,
]


@settings(max_examples=200, deadline=None)
@given(
    column=st.sampled_from(list(SOUND)),
    header=st.booleans(),
    value=st.sampled_from(ODD) | st.text(max_size=5),
)
def test_whatever_stands_in_a_cell_the_answer_is_a_cohort_or_one_message(
    folder, column, header, value
):
    names = [value if header and name == column else name for name in SOUND]
    cells = [value if not header and name == column else SOUND[name] for name in SOUND]
    path = folder / "cells.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([names, cells, SOUND.values()])
    report = check_cohort(path)
    try:
        cohort = open_cohort(path)
    except DataError:
        assert report.count("error")
        return
    assert set(cohort.skipped) <= set(report.findings)
    assert len(cohort.facts().class_counts) == len(cohort.classes)
