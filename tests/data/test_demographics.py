"""Age and sex come along, and figures are broken down by them; nobody must give them."""

import json

import pytest
from PIL import Image

from polyclinic.data import check_cohort, open_cohort
from polyclinic.data.coco.write import to_coco
from polyclinic.data.demographics import age_band, read_age, read_sex
from polyclinic.data.dicom import described
from polyclinic.data.dicom.identity import identity_of
from polyclinic.errors import DataError
from polyclinic.evaluation.subgroups import _attributes
from polyclinic.sample import Sample
from tests.data.dicom.made import dataset, ramp, saved


@pytest.mark.parametrize(
    ("said", "years"),
    [
        (45, 45),
        ("45", 45),
        ("045Y", 45),
        ("018M", 1.5),
        ("010D", 10 / 365.25),
        (0.5, 0.5),
        ("", None),
        (None, None),
        ("NA", None),
    ],
)
def test_ages(said, years):
    assert read_age(said) == years


@pytest.mark.parametrize("said", ["old", -1, 200, True, [3], "4,5", float("nan")])
def test_what_is_no_age(said):
    with pytest.raises(DataError, match="age is"):
        read_age(said)


def test_sexes():
    assert [read_sex(one) for one in ("F", "female", "W", "m", "Male", "O", "U", "", None)] == [
        *("female", "female", "female", "male", "male", "other", None, None, None)
    ]
    for wrong in ("1", "fmale", 0):
        with pytest.raises(DataError, match="sex is"):
            read_sex(wrong)


def test_bands_have_no_gap_and_no_overlap():
    bands = [age_band(years / 4) for years in range(4 * 131)]
    assert list(dict.fromkeys(bands)) == [
        "0 to 17",
        "18 to 39",
        "40 to 59",
        "60 to 79",
        "80 and over",
    ]
    assert (bands[4 * 18 - 1], bands[4 * 18]) == ("0 to 17", "18 to 39")


def test_a_coco_file_a_table_and_a_dicom_file_say_them(tmp_path):
    Image.new("L", (40, 30)).save(tmp_path / "a.png")
    rows = [{"id": 1, "file_name": "a.png", "age": 54, "sex": "F"}, {"id": 2, "file_name": "a.png"}]
    coco = tmp_path / "set.json"
    coco.write_text(json.dumps({"images": rows}))
    first, second = open_cohort(coco).samples
    assert (first.age, first.sex, second.age, second.sex) == (54, "female", None, None)
    assert [row.get("sex") for row in to_coco(open_cohort(coco))["images"]] == ["F", None]
    table = tmp_path / "t.csv"
    table.write_text("image,Age,sex,grade\na.png,054Y,male,2\n")
    (one,) = open_cohort(table).samples
    assert (one.age, one.sex, dict(one.labels)) == (54, "male", {"grade": 2})
    film = saved(tmp_path / "film.dcm", ramp(), PatientAge="054Y", PatientSex="F")
    taken = described(Sample(image_id=1, size=(20, 30), file=str(film)))
    assert (taken.age, taken.sex) == (54, "female")


def test_what_can_not_be_is_an_error_with_its_row(tmp_path):
    Image.new("L", (40, 30)).save(tmp_path / "a.png")
    table = tmp_path / "t.csv"
    table.write_text("image,age,sex\na.png,540,hen\n")
    said = [str(one) for one in check_cohort(table).findings if one.severity == "error"]
    assert ["row 2: age is '540'" in said[0], "row 2: sex is 'hen'" in said[1]] == [True, True]
    assert open_cohort(table).samples[0].age is None


def test_of_dates_the_age_alone_is_kept():
    named = identity_of(dataset(ramp(), PatientBirthDate="19800102", StudyDate="20200101"))
    assert named.age == 39
    assert "1980" not in repr(named)
    assert (
        identity_of(dataset(ramp(), PatientAge="", PatientBirthDate="", PatientSex="")).age is None
    )


def test_a_digest_does_not_depend_on_what_the_files_say_of_age(tmp_path):
    file = tmp_path / "film.dcm"
    saved(file, ramp())
    coco = tmp_path / "set.json"
    coco.write_text(json.dumps({"images": [{"id": 1, "file_name": "film.dcm"}]}))
    before = open_cohort(coco).digest()
    saved(file, ramp(), PatientAge="054Y", PatientSex="F")
    after = open_cohort(coco)
    assert after.samples[0].sex == "female"
    assert after.digest() == before


def test_figures_are_broken_down_by_bands_of_age_and_by_sex():
    samples = [
        Sample(image_id=n, size=(1, 1), age=age, sex=sex)
        for n, (age, sex) in enumerate([(15, "female"), (70.5, "male"), (None, None), (82, "male")])
    ]
    found = dict(_attributes(samples, []))
    assert found["age"] == ["0 to 17", "60 to 79", "not said", "80 and over"]
    assert found["sex"] == ["female", "male", "not said", "male"]
    assert not dict(_attributes([Sample(image_id=1, size=(1, 1))] * 3, []))
