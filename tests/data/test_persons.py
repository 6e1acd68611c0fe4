"""Who is the same person, and who is nobody."""

import json
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from polyclinic.data import Cohort, check_cohort, fold_cohort, open_cohort, split_cohort
from polyclinic.data.audit import hash_images
from polyclinic.data.coco.write import to_coco
from polyclinic.data.dicom.identity import identity_of
from polyclinic.data.patients import patient_names
from polyclinic.data.persons import near_key, person_id
from polyclinic.errors import DataError
from polyclinic.metrics.bootstrap import patient_rows
from polyclinic.sample import Sample
from tests.data.dicom.made import dataset, ramp

ALIKE = ["P01", "p01", "P 01", "P-01", "P_1", "p.001", "\u042001"]  # the last one is Cyrillic


def cohort_of(*patients, studies=None, extra=None):
    random = np.random.default_rng(0)
    return Cohort(
        samples=tuple(
            Sample(
                image_id=row,
                size=(32, 32),
                image=random.integers(0, 256, (32, 32, 3)).astype(np.uint8),
                patient_id=None if one is None else person_id(one),
                study_id=None if studies is None else studies[row],
                extra={} if extra is None else {"split": extra[row]},
            )
            for row, one in enumerate(patients)
        )
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("P01", "\u200bP01\ufeff"),
        ("P 01", "P\u00a0\u00a001 "),
        ("Müller", unicodedata.normalize("NFD", "Müller")),
        ("P01", "\uff30\uff10\uff11"),
        ("P01", "P\u00ad01"),
        (7, 7.0),
        (7, "7"),
    ],
)
def test_forms_that_look_the_same_are_one_id(one, other):
    assert person_id(one) == person_id(other)


@pytest.mark.parametrize(
    "raw",
    [
        *(
            "nan",
            "NaN",
            "#N/A",
            "#DIV/0!",
            "#REF!",
            "#WERT!",
            "#####",
            "None",
            "null",
            "<NA>",
            "N/A",
        ),
        *("", "  ", "\u200b", "-", "?", "unknown", "Anonymous"),
        *("1.23457E+11", "1,23457E+11", "1E+15", "4.5e12"),
        *(float("nan"), float("inf"), 1.23457e11, 7.5, 2.0**60, True, [7], {"id": 7}),
    ],
)
def test_what_names_nobody_is_an_error(raw):
    with pytest.raises(DataError):
        person_id(raw)


@pytest.mark.parametrize(
    "name", ["1e2345678901", "7e1234567890", "E12", "1-2", "0", "Nan Li", "#7"]
)
def test_ids_that_only_look_odd_are_ids(name):
    assert person_id(name) == name


def test_ids_that_are_nearly_the_same_share_a_key():
    assert {near_key(person_id(one)) for one in ALIKE} == {"p1"}
    assert {near_key(one) for one in ("012", "12", "12.0", "0012")} == {"12"}
    assert near_key("1,234") == near_key("1234")


def test_what_tells_people_apart_keeps_them_apart():
    different = [
        "1-12",
        "11-2",
        "112",
        "P1",
        "P10",
        "P11",
        "P1a",
        "P1b",
        "Müller",
        "Muller",
        "12.5",
    ]
    assert len({near_key(one) for one in different}) == len(different)


@given(st.from_regex(r"[A-Z]{1,3}[0-9]{1,5}", fullmatch=True))
def test_no_capital_blank_or_zero_makes_another_person(name):
    letters = name.rstrip("0123456789")
    for other in (
        name.lower(),
        f"{letters}-0{name[len(letters) :]}",
        f" {name} ",
        f"{letters} {name[len(letters) :]}",
    ):
        assert near_key(person_id(other)) == near_key(name)


def test_nearly_the_same_ids_stay_together_and_are_named():
    cohort = cohort_of(*ALIKE, *(f"Q{n}" for n in range(12)))
    for seed in range(5):
        split = split_cohort(cohort, seed=seed)
        assert sum(bool({*range(len(ALIKE))} & {*rows}) for rows in split.parts.values()) == 1
        (group,) = split.audit.alike_patients
        assert set(group) == {person_id(one) for one in ALIKE}
        assert "NEARLY THE SAME PATIENT IDS: 'P01' and 'p01'" in split.audit.message
        assert "data.patient=exact" in split.audit.message
    for split in fold_cohort(cohort, 4):
        assert sum(bool({*range(len(ALIKE))} & {*rows}) for rows in split.parts.values()) == 1
    assert len({*patient_rows(cohort.samples)}) == 13
    assert cohort.facts().patients == 13


def test_who_says_that_they_differ_is_believed_and_it_is_said():
    cohort = cohort_of("P1", "p1", "P-1", "P 1")
    with pytest.raises(DataError, match=r"1 patients for 3 parts.*NEARLY THE SAME PATIENT IDS"):
        split_cohort(cohort)
    split = split_cohort(cohort, (0.5, 0.25, 0.25), patient="exact")
    assert split.audit.patients == {"train": 2, "val": 1, "test": 1}
    assert "different people, as data.patient=exact says" in split.audit.message


def test_a_given_split_with_one_person_on_both_sides_is_refused():
    cohort = cohort_of("P01", "p01", "Q", "R", extra=["train", "test", "val", "train"])
    with pytest.raises(DataError, match="'P01' and 'p01' are nearly the same id"):
        split_cohort(cohort)
    assert split_cohort(cohort, patient="exact").test == (1,)


def test_images_without_a_patient_are_kept_together_by_study():
    studies = ["s1", "s1", "S-1", "s2", "s2", "s3", None]
    cohort = cohort_of(None, None, None, "A", None, "A", None, studies=studies)
    names = patient_names(cohort.samples)
    assert names == ["study s1"] * 3 + ["patient A"] * 3 + ["image 6"]
    message = split_cohort(cohort).audit.message
    assert "NO PATIENT IDS for 1 of 7" in message
    assert "4 of 7 images name no patient and are kept together by study_id" in message
    assert patient_names(cohort.samples, "image") == [f"image {row}" for row in range(7)]


@pytest.fixture
def coco(tmp_path):
    def make(*patients):
        for row, _ in enumerate(patients):
            Image.effect_noise((40, 30), 50 + row).save(tmp_path / f"{row}.png")
        rows = [
            {"id": row, "file_name": f"{row}.png", "width": 40, "height": 30, "patient_id": one}
            for row, one in enumerate(patients)
        ]
        path = tmp_path / "set.json"
        path.write_text(json.dumps({"images": rows}))
        return path

    return make


def test_numbers_and_texts_of_a_coco_file(coco):
    path = coco(7, "007", 7.0, "7", None)
    cohort = open_cohort(path)
    assert [one.patient_id for one in cohort.samples] == ["7", "007", "7", "7", None]
    said = [str(one) for one in check_cohort(path).findings]
    assert any("patient ids '7' and '007' are nearly the same" in one for one in said)
    written = [row["patient_id"] for row in to_coco(cohort)["images"]]
    assert written == [7, "007", 7.0, "7", None]


@pytest.mark.parametrize("raw", ["", "nan", "1.23457E+11", "#N/A", 1.23457e11, float("nan"), True])
def test_a_coco_file_whose_people_have_no_names_is_not_opened(coco, raw):
    path = coco("A", raw)
    with pytest.raises(DataError, match=r"image 1 \(row 1\): patient_id"):
        open_cohort(path)
    errors = [one for one in check_cohort(path).findings if one.severity == "error"]
    assert [one.row for one in errors] == ["image 1 (row 1)"]


@pytest.mark.parametrize("raw", ["nan", "1.23457E+11", "#N/A", "None"])
@pytest.mark.parametrize("key", ["patient_id", "study_id"])
def test_a_table_whose_people_have_no_names_is_not_opened(tmp_path, raw, key):
    Image.new("L", (40, 30)).save(tmp_path / "a.png")
    table = tmp_path / "t.csv"
    table.write_text(f"image,{key}\na.png,A\na.png,{raw}\n")
    with pytest.raises(DataError, match=f"row 3, column '{key}'"):
        open_cohort(table)


def test_dicom_ids_that_are_nearly_the_same_share_a_key_and_no_name():
    first, second, other, nobody = (
        identity_of(dataset(ramp(), PatientID=one)) for one in ("P01", "p-1 ", "P02", "ANONYMOUS")
    )
    assert first.patient_id != second.patient_id
    assert first.patient_key == second.patient_key != other.patient_key
    assert (nobody.patient_id, nobody.patient_key) == (None, None)
    assert "p1" not in repr(first)
    samples = [
        Sample(image_id=n, size=(1, 1), patient_id=one.patient_id, patient_key=one.patient_key)
        for n, one in enumerate((first, second, other))
    ]
    assert len({*patient_names(samples)}) == 2


def test_as_many_images_are_compared_on_any_machine():
    cohort = cohort_of(*(f"Q{n}" for n in range(20)))
    assert sorted(hash_images(cohort)) == list(range(20))
    some = sorted(hash_images(cohort, most=5))
    assert some == sorted(hash_images(cohort, most=5))
    assert len(some) == 5
    assert (some[0], some[-1]) == (0, 19)
    assert split_cohort(cohort).audit.hashed == 20
