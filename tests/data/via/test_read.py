from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polyclinic.data import check_cohort, open_cohort, write_coco
from polyclinic.errors import DataError
from polyclinic.sample import Spacing
from polyclinic.schema import KNEE_CLASSES, KNEE_LANDMARKS
from tests.data.via.conftest import HEADER, HEIGHT, WIDTH, point, rect, rows_of


@pytest.mark.parametrize("first", ["filename", "#filename"])
def test_points_of_one_object_an_image(via, first):
    path = via(
        *rows_of("a.png", [point(10, 20, landmark="tip"), point(3, 4, landmark="left_eye")]),
        *rows_of("b.png", []),
        header=[first, *HEADER[1:]],
    )
    cohort = open_cohort(path)
    assert cohort.classes == ("object",)
    assert cohort.landmark_schema.names == ("tip", "left_eye")
    annotated, other = cohort.samples
    (instance,) = annotated.instances
    assert instance.landmarks.tolist() == [[10, 20, 2], [3, 4, 2]]
    assert instance.box.tolist() == [2.5, 3.5, 10.5, 20.5]
    assert other.instances is None
    assert not cohort.skipped


def test_what_a_file_says_of_its_images(via):
    regions = [point(10, 20, name="tip"), point(11, 20, name="end")]
    said = {"Patient ID": "007", "spacing_mm": "0.2", "grade": "2", "note": ""}
    path = via(*rows_of("a.png", regions, **said), *rows_of("b.png", [], grade="3", note="dark"))
    first, second = open_cohort(path).samples
    assert (first.patient_id, first.spacing) == ("007", Spacing.square(0.2, "assumed"))
    assert (first.labels, second.labels) == ({"grade": 2}, {"grade": 3, "note": "dark"})


def test_knees_of_a_film(via):
    right = [point(10 + n, 20, landmark=f"tibia_{n}", side="right") for n in range(9)]
    left = [point(50 - n, 21, landmark=f"tibia_{n}", side="L") for n in range(9)]
    implant = [rect(30, 10, 20, 16, knee="left", KL="4", status={"implant": True, "native": False})]
    cohort = open_cohort(via(*rows_of("a.png", right + left), *rows_of("b.png", implant)))
    assert cohort.classes == KNEE_CLASSES
    assert cohort.landmark_schema == KNEE_LANDMARKS
    first, second = cohort.samples
    one, other = first.instances
    assert (one.category, other.category) == (0, 1)
    assert one.landmarks[:9].tolist() == [[10 + n, 20, 2] for n in range(9)]
    assert other.landmarks[:9].tolist() == [[50 - n, 21, 2] for n in range(9)]
    assert not one.landmarks[9:].any()
    (replaced,) = second.instances
    assert replaced.category == 1
    assert replaced.landmarks is None
    assert replaced.box.tolist() == [29.5, 9.5, 49.5, 25.5]
    assert replaced.labels == {"KL": 4, "status": "implant"}


def test_objects_by_number_and_class(via):
    regions = [
        point(1, 2, name="tip", object=1, **{"class": "normal"}),
        point(3, 4, name="tip", object=2, **{"class": "normal"}),
        rect(0, 1, 8, 9, object=2, **{"class": "normal"}),
        point(5, 6, name="tip", object=3),
    ]
    cohort = open_cohort(via(*rows_of("a.png", regions)))
    one, two, three = cohort.samples[0].instances
    assert cohort.classes == ("normal",)
    assert [knee.category for knee in (one, two, three)] == [0, 0, None]
    assert two.landmarks.tolist() == [[3, 4, 2]]
    assert two.box.tolist() == [-0.5, 0.5, 7.5, 9.5]


def test_any_attribute_may_name_the_landmarks_where_it_is_the_only_one(via):
    path = via(*rows_of("a.png", [point(1, 2, Ort="tip", Side="left")]))
    cohort = open_cohort(path)
    assert cohort.landmark_schema.names == ("tip",)
    assert cohort.classes == ("left",)


def test_the_file_beside_it_names_pairs(via, tmp_path):
    (tmp_path / "export.schema.json").write_text('{"swap": [["a", "b"]]}')
    path = via(*rows_of("a.png", [point(1, 2, name="a"), point(2, 2, name="b")]))
    assert open_cohort(path).landmark_schema.swaps == (("a", "b"),)


TIP = point(1, 2, landmark="tip")


def shape(name, **numbers):
    said = numbers.pop("said", {})
    return {"name": name, **numbers}, said


def test_outlines_become_masks_and_rectangles_boxes(via):
    cell = {"class": "cell"}
    regions = [
        shape("polygon", all_points_x=[10, 20, 20, 10], all_points_y=[5, 5, 15, 15], said=cell),
        shape("circle", cx="30", cy=20, r=5, said=cell),
        shape("ellipse", cx=45, cy=20, rx=8, ry=4, said=cell),
        shape("ellipse", cx=45, cy=20, rx=8, ry=4, theta=np.pi / 2, said=cell),
        rect(2, 3, 8, 9, **cell),
    ]
    cohort = open_cohort(via(*rows_of("a.png", regions)))
    square, circle, flat, upright, box = cohort.samples[0].instances
    assert cohort.classes == ("cell",)
    assert square.mask.area == 100
    assert circle.mask.area == pytest.approx(np.pi * 25, rel=0.03)
    assert circle.box.tolist() == [24.5, 14.5, 34.5, 24.5]
    for one, (width, height) in ((flat, (16, 8)), (upright, (8, 16))):
        assert one.mask.area == pytest.approx(np.pi * 32, rel=0.03)
        assert (one.box[2:] - one.box[:2]).tolist() == [width, height]
    assert box.mask is None
    assert box.box.tolist() == [1.5, 2.5, 9.5, 11.5]
    assert not cohort.skipped


def test_outlines_of_one_numbered_object_are_its_parts(via):
    left = shape("polygon", all_points_x=[1, 5, 5, 1], all_points_y=[1, 1, 5, 5])
    right = shape("polygon", all_points_x=[11, 15, 15, 11], all_points_y=[1, 1, 5, 5])
    parts = [(drawn, {"object": 1, "grade": "3"}) for drawn, _ in (left, right)]
    regions = [*parts, point(12, 3, landmark="tip", object=1)]
    (instance,) = open_cohort(via(*rows_of("a.png", regions))).samples[0].instances
    assert instance.mask.area == 32
    assert instance.landmarks.tolist() == [[12, 3, 2]]
    assert instance.labels == {"grade": 3}


@pytest.mark.parametrize(
    ("region", "words"),
    [
        (point("7,5", 2, landmark="end"), ["column 'region_shape_attributes'", "numbers for cx"]),
        (point(None, 2, landmark="end"), ["can't be", "numbers for cx, cy"]),
        (point(float("nan"), 2, landmark="end"), ["can't be"]),
        (point(10**400, 2, landmark="end"), ["can't be"]),
        (point(8, 9), ["column 'region_attributes'", "names no landmark", "'landmark'"]),
        (point(8, 9, landmark=""), ["names no landmark"]),
        (({"name": "polygon"}, {}), ["can't be", "all_points_x"]),
        (({"name": "polyline"}, {}), ["is a polyline", "a point, rect, circle"]),
        (({"cx": 1}, {}), ["is a None"]),
        (("point", {}), ["can't be read", "a JSON object"]),
    ],
)
def test_an_image_with_a_region_that_can_not_be_read_is_not_annotated(via, region, words):
    path = via(*rows_of("a.png", [TIP, region]), *rows_of("b.png", [TIP]))
    cohort = open_cohort(path)
    first, second = cohort.samples
    assert first.instances is None
    assert "instances" not in first.annotated
    assert second.instances[0].landmarks[0].tolist() == [1, 2, 2]
    (finding,) = cohort.skipped
    assert "count as not annotated" in finding.hint
    for word in ("export.csv, row 3", *words):
        assert word in str(finding)
    assert finding in check_cohort(path).findings


@pytest.mark.parametrize(
    ("regions", "words"),
    [
        ([TIP, TIP], ["row 3", "is a second 'tip' of one object", "'object'"]),
        ([TIP, rect(0, 0, 3, 3), rect(1, 1, 4, 4)], ["row 4", "is a second rectangle"]),
        ([point(900, 2, landmark="tip")], ["row 2, column 'cx of tip'", "900 lies far outside"]),
        ([rect(5, 5, 0, 3)], ["row 2", "has no area"]),
    ],
)
def test_an_object_that_can_not_be_read_is_named(via, regions, words):
    path = via(*rows_of("a.png", regions), *rows_of("b.png", [TIP]))
    cohort = open_cohort(path)
    first, second = cohort.samples
    assert first.instances is None
    assert len(second.instances) == 1
    for word in words:
        assert word in str(cohort.skipped[0])
    assert set(cohort.skipped) <= set(check_cohort(path).findings)


@pytest.mark.parametrize("missing", [float("nan"), "nan", "#N/A", ""])
def test_a_value_that_stands_for_a_missing_one_names_no_class(via, missing):
    cohort = open_cohort(via(*rows_of("a.png", [TIP])))
    assert cohort.classes
    named = via(*rows_of("a.png", [point(1, 2, **{"landmark": "tip", "class": missing})]))
    assert open_cohort(named).classes == cohort.classes


def test_attributes_of_points_that_are_not_read_are_noted(via):
    regions = [point(1, 2, landmark="tip", seen="no"), point(2, 2, landmark="end", seen="yes")]
    (note,) = open_cohort(via(*rows_of("a.png", regions))).skipped
    assert "'seen' of 2 points is not read" in str(note)


@pytest.mark.parametrize(
    ("rows", "header", "words"),
    [
        (rows_of("a.png", [point(1, 2)]), HEADER, ["no attribute says which landmark"]),
        (rows_of("a.png", [point(1, 2, a="x", b="y")]), HEADER, ["no attribute says", "landmark"]),
        (rows_of("c.png", [TIP]), HEADER, ["row 2, column 'filename'", "c.png is missing"]),
        (rows_of("", [TIP]), HEADER, ["row 2, column 'filename'", "is empty"]),
        (rows_of("a.png", [TIP]), ["file", *HEADER[1:]], ["no column 'filename'"]),
        (rows_of("a.png", [TIP], spacing_mm="0,2"), HEADER, ["'0,2' has a decimal comma"]),
    ],
)
def test_a_file_that_can_not_be_trusted_is_refused(via, rows, header, words):
    path = via(*rows, header=header)
    with pytest.raises(DataError) as caught:
        open_cohort(path)
    report = check_cohort(path)
    for word in ("export.csv", *words):
        assert word in str(caught.value)
        assert word in " | ".join(map(str, report.findings))
    assert report.count("error") == 1


names = st.text("abc xy_é.\n", min_size=1, max_size=4)
value = st.integers(0, 99) | st.floats() | st.text(max_size=4) | st.none() | st.booleans()
attributes = st.dictionaries(
    st.sampled_from(["landmark", "name", "class", "side", "object", "w", ""]),
    value | st.sampled_from(["left", "tibia_4"]) | st.dictionaries(names, value, max_size=2),
    max_size=4,
)
coordinate = st.integers(0, HEIGHT) | st.floats(-1, HEIGHT + 1)
shapes = st.one_of(
    st.fixed_dictionaries({"name": st.just("point"), "cx": coordinate, "cy": coordinate}),
    st.fixed_dictionaries(
        {key: coordinate for key in ("x", "y", "width", "height")} | {"name": st.just("rect")}
    ),
    st.just({}),
    st.dictionaries(st.sampled_from(["name", "cx", "cy"]), value, max_size=3),
)
cell = st.sampled_from(["", "{", "[]", "null", "[" * 3000, '"a"']) | st.text(max_size=5)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["a.png", "b.png"]),
            attributes.map(json.dumps) | cell,
            shapes.map(json.dumps) | cell,
            attributes.map(json.dumps) | cell,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_is_drawn_the_answer_is_the_same_as_coco_or_one_message(via, rows):
    path = via(*([file, 1, said, 1, 0, shape, of_it] for file, said, shape, of_it in rows))
    report = check_cohort(path)
    try:
        cohort = open_cohort(path)
    except DataError:
        assert report.count("error")
        return
    assert set(cohort.skipped) <= set(report.findings)
    write_coco(cohort, path.parent / "again.json")
    again = open_cohort(path.parent / "again.json")
    assert again.landmark_schema == cohort.landmark_schema
    for one, other in zip(cohort.samples, again.samples, strict=True):
        assert one.labels == other.labels
        for mine, theirs in zip(one.instances or (), other.instances or (), strict=True):
            assert np.array_equal(mine.box, theirs.box)
            assert mine.labels == theirs.labels
            assert (mine.landmarks is None) == (theirs.landmarks is None)
            assert mine.landmarks is None or np.array_equal(mine.landmarks, theirs.landmarks)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drawn=st.dictionaries(
        st.sampled_from(["right", "left", "both"]),
        st.dictionaries(
            names.map(str.strip).filter(bool),
            st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1)),
            min_size=1,
        ),
        min_size=1,
    )
)
def test_every_point_is_where_it_was_drawn(via, drawn):
    regions = [
        point(x, y, landmark=name, side=side)
        for side, points in drawn.items()
        for name, (x, y) in points.items()
    ]
    cohort = open_cohort(via(*rows_of("a.png", regions)))
    found = {
        cohort.classes[one.category]: {
            name: (x, y)
            for name, (x, y, seen) in zip(
                cohort.landmark_schema.names, one.landmarks.tolist(), strict=True
            )
            if seen
        }
        for one in cohort.samples[0].instances
    }
    assert found == drawn
    assert not cohort.skipped
