from __future__ import annotations

import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from polyclinic.data import check_cohort, fold_cohort, open_cohort, write_coco
from polyclinic.data.kneel.read import BBOX, on_film
from polyclinic.errors import DataError
from polyclinic.sample import Sample, Spacing
from polyclinic.schema import KNEE_CLASSES, KNEE_LANDMARKS
from tests.data.kneel.conftest import COUNT, SIDE, Kneel


def test_the_knees_of_a_table(kneel):
    cohort = open_cohort(kneel.write())
    assert cohort.classes == KNEE_CLASSES
    assert cohort.landmark_schema == KNEE_LANDMARKS
    assert [one.image_id for one in cohort.samples] == [
        "9001_2_R.png",
        "9001_0_L.png",
        "9007_4_R.png",
    ]
    assert [one.patient_id for one in cohort.samples] == ["9001", "9001", "9007"]
    assert [one.labels["side"] for one in cohort.samples] == ["right", "left", "right"]
    assert {one.spacing for one in cohort.samples} == {Spacing.square(0.3, "detector")}
    knees = [knee for one in cohort.samples for knee in one.instances]
    assert [knee.category for knee in knees] == [0, 0, 0]
    assert [dict(knee.labels) for knee in knees] == [
        {"kl": grade, "knee": "native"} for grade in (2, 0, 4)
    ]
    assert knees[0].landmarks.tolist() == [[150 + 10 * n, 200 + 3 * n, 2] for n in range(COUNT)]
    assert not cohort.skipped
    assert cohort.facts().patients == 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("kneel")


corner = st.integers(0, 300)


@settings(max_examples=25)
@given(
    side=st.sampled_from("LR"),
    left=corner,
    top=corner,
    # KNEEL's own x of a left knee at the left edge would be 466: outside.
    offsets=st.lists(
        st.tuples(st.integers(1, 364), st.integers(0, 365)), min_size=COUNT, max_size=COUNT
    ),
)
def test_points_lie_on_what_they_mark_and_go_back_to_the_film(folder, side, left, top, offsets):
    film_points = [(left + x, top + y) for x, y in offsets]
    kneel = Kneel(folder)
    kneel.add("1", side, 1, film_points, (left, top))
    kneel.path.unlink(missing_ok=True)
    cohort = open_cohort(kneel.write())
    sample = cohort.load(0)
    (knee,) = sample.instances
    x, y = knee.landmarks[:, :2].astype(int).T
    assert (sample.pixels[y, x] == 255).all()
    assert on_film(knee.landmarks, sample)[:, :2].tolist() == [list(one) for one in film_points]
    write_coco(cohort, folder / "again.json")
    again = open_cohort(folder / "again.json").samples[0]
    assert np.array_equal(again.instances[0].landmarks, knee.landmarks)
    assert again.instances[0].labels == knee.labels
    assert on_film(again.instances[0].landmarks, again)[:, :2].tolist() == [*map(list, film_points)]


def test_a_mirrored_right_knee_keeps_its_landmarks(kneel):
    """Names are anatomical: both sides run from lateral, on the left, to medial."""
    right, left, _ = open_cohort(kneel.write()).samples
    assert KNEE_LANDMARKS.mirror_order.tolist() == list(range(COUNT))
    film = on_film(left.instances[0].landmarks, left)
    assert film[0].tolist() == [400, 300, 2]
    assert on_film(right.instances[0].landmarks, right)[0].tolist() == [200, 300, 2]


def test_no_subject_in_two_folds(kneel):
    points = [(200 + n, 300) for n in range(COUNT)]
    for subject in range(20):
        for side in "LR":
            kneel.add(f"s{subject}", side, subject % 5, points, (150, 200))
    cohort = open_cohort(kneel.write())
    held_out = [
        {cohort.samples[row].patient_id for row in split.test}
        for split in fold_cohort(cohort, 5, seed=0)
    ]
    assert sum(map(len, held_out)) == len(set.union(*held_out)) == 22


def test_pictures_may_lie_beside_the_table(kneel):
    path = kneel.write()
    for file in (path.parent / "images").iterdir():
        shutil.move(file, path.parent)
    assert len(open_cohort(path)) == 3


def test_an_empty_cell_is_not_annotated(kneel):
    first = open_cohort(kneel.write(femur="")).samples[0]
    assert first.instances[0].landmarks[:, 2].tolist() == [2] * 9 + [0] * 7
    first = open_cohort(kneel.write(femur="", tibia="")).samples[0]
    assert first.instances is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tibia": "1,2,3"}, ["column 'tibia'", "holds 3 numbers", "expected 18"]),
        ({"femur": "1,2,3,NA"}, ["column 'femur'", "something else than numbers", "expected 14"]),
        ({"femur": ",".join(["1"] * 13 + ["nan"])}, ["column 'femur'", "else than numbers"]),
        ({"tibia": ",".join(["5000"] * 18)}, ["'x of tibia_0'", "5000 lies far outside"]),
        ({"bbox": "1,2,3"}, ["column 'bbox'", "no square of 466"]),
        ({"bbox": "0,0,400,466"}, ["column 'bbox'", "can't be taken back"]),
    ],
)
def test_points_that_can_not_be_used_are_left_out_and_named(kneel, changes, words):
    path = kneel.write(**changes)
    cohort = open_cohort(path)
    assert len(cohort) == 3
    assert "bbox" in changes or cohort.samples[0].instances is None
    assert cohort.samples[1].instances
    for word in ("bf_landmarks_1_0.3.csv, row 2", *words):
        assert word in str(cohort.skipped[0])
    assert set(cohort.skipped) <= set(check_cohort(path).findings)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"side": "left"}, ["row 2, column 'side'", "'left' can't be", "L or R"]),
        ({"kl": "7"}, ["row 2, column 'kl'", "'7' can't be"]),
        ({"kl": ""}, ["row 2, column 'kl'", "is empty"]),
        ({"subject_id": ""}, ["row 2, column 'subject_id'", "is empty"]),
        ({"kl": "3"}, ["row 2, column 'subject_id, kl, side'", "9001_3_R.png is missing"]),
        ({"side": "L", "kl": "0"}, ["row 3", "the knee of row 2 again"]),
    ],
)
def test_knees_without_a_picture_are_refused(kneel, changes, words):
    path = kneel.write(**changes)
    with pytest.raises(DataError) as caught:
        open_cohort(path)
    report = check_cohort(path)
    for word in words:
        assert word in str(caught.value)
        assert word in " | ".join(map(str, report.findings))
    assert report.count("error") == 1


def test_a_picture_of_another_size_keeps_no_annotations(kneel):
    path = kneel.write()
    Image.new("L", (SIDE, 470)).save(path.parent / "images" / "9001_2_R.png")
    cohort = open_cohort(path)
    assert cohort.samples[0].instances is None
    assert "was annotated on 466 x 466 pixels" in str(cohort.skipped[0])


def test_without_a_square_nothing_goes_back_to_the_film(kneel):
    sample = open_cohort(kneel.write(bbox="")).samples[0]
    assert BBOX not in sample.extra
    with pytest.raises(DataError, match="place on the film is not known"):
        on_film(sample.instances[0].landmarks, sample)
    with pytest.raises(DataError, match="place on the film is not known"):
        on_film(np.zeros((1, 3)), Sample(image_id=0, size=(1, 1)))


@settings(max_examples=60)
@given(
    column=st.sampled_from(["subject_id", "side", "kl", "tibia", "femur", "bbox", "center"]),
    value=st.sampled_from(["nan", "1e999", "1,5", "9" * 400, "[]", ",", "../a", "\x00"])
    | st.text(max_size=8),
)
def test_whatever_stands_in_a_cell_the_answer_is_a_cohort_or_one_message(folder, column, value):
    kneel = Kneel(folder)
    kneel.add("1", "R", 1, [(200 + n, 300) for n in range(COUNT)], (150, 200))
    path = kneel.write(**{column: value})
    report = check_cohort(path)
    try:
        cohort = open_cohort(path)
    except DataError:
        assert report.count("error")
        return
    assert set(cohort.skipped) <= set(report.findings)
