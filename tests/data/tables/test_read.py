from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from polyclinic.data import open_cohort
from polyclinic.sample import Spacing
from polyclinic.schema import KNEE_CLASSES, KNEE_LANDMARKS
from tests.data.dicom.made import ramp, saved


def save_mask(path, values):
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(np.asarray(values, np.uint8)).save(path)


@pytest.mark.parametrize(
    ("name", "encoding", "delimiter"),
    [
        ("table.csv", "utf-8", ","),
        ("table.csv", "utf-8-sig", ";"),
        ("TABLE.TSV", "utf-8", "\t"),
    ],
)
def test_identity_scale_and_labels(table, name, encoding, delimiter):
    path = table(
        delimiter.join(["image", "Patient ID", "spacing_mm", "spacing_source", "grade", "größe"]),
        delimiter.join(["a.png", "007", "0.5", "detector", "2", "1.5"]),
        delimiter.join(["b.png", "008", "", "", "", "2"]),
        delimiter * 5,
        name=name,
        encoding=encoding,
    )
    cohort = open_cohort(path)
    assert cohort.classes == ()
    assert cohort.landmark_schema is None
    first, second = cohort.samples
    assert (first.patient_id, second.patient_id) == ("007", "008")
    assert first.spacing == Spacing.square(0.5, "detector")
    assert not second.spacing.known
    assert first.labels == {"grade": 2, "größe": 1.5}
    assert isinstance(first.labels["grade"], int)
    assert second.labels == {"größe": 2.0}
    assert first.instances is second.instances is None
    assert second.size == (30, 40)
    assert cohort.load(1).pixels.shape == (30, 40, 3)
    assert not cohort.skipped


def test_numbers_and_texts(table):
    path = table(
        "image,code,stage,class,note",
        'a.png,007,1e2,early,"x, ""y"""',
        "b.png,12,3,,",
    )
    first, second = open_cohort(path).samples
    assert first.labels == {"code": "007", "stage": 100.0, "class": "early", "note": 'x, "y"'}
    assert second.labels == {"code": "12", "stage": 3.0}


def test_landmarks_are_pixel_indices_in_column_order(table):
    path = table(
        "image,tip_x,tip_y,tip_v,left_eye_x,left_eye_y,right_eye_x,right_eye_y",
        "a.png,3,4.5,1,10,20,,",
        "b.png,,,,,,,",
    )
    cohort = open_cohort(path)
    assert cohort.classes == ("object",)
    assert cohort.landmark_schema.names == ("tip", "left_eye", "right_eye")
    assert cohort.landmark_schema.swaps == (("left_eye", "right_eye"),)
    first, second = cohort.samples
    (instance,) = first.instances
    assert instance.landmarks.tolist() == [[3, 4.5, 1], [10, 20, 2], [0, 0, 0]]
    assert instance.box.tolist() == [2.5, 4.0, 10.5, 20.5]
    assert instance.category == 0
    assert second.instances is None


def test_several_rows_are_several_objects_of_one_image(table):
    path = table(
        "image,patient_id,class,rater,x1,y1,x2,y2,grade",
        "a.png,p,cell,EM,0,0,1,1,3",
        "b.png,q,,,4,4,8,10,",
        "a.png,,nucleus,FK,2,3,12,8.5,",
    )
    first, second = open_cohort(path).samples
    assert first.patient_id == "p"
    assert first.labels == {"grade": 3}
    cell, nucleus = first.instances
    assert (cell.category, nucleus.category) == (0, 1)
    assert (cell.rater, nucleus.rater) == ("EM", "FK")
    assert cell.box.tolist() == [-0.5, -0.5, 0.5, 0.5]
    assert nucleus.box.tolist() == [1.5, 2.5, 11.5, 8.0]
    assert second.instances[0].category is second.instances[0].rater is None


def test_labels_of_objects(table):
    path = table(
        "image,x1,y1,x2,y2,object.kl,Object.knee,object.code,object.tip_x,object.tip_y,kl",
        "a.png,0,0,1,1,2,native,007,1,2,9",
        "a.png,3,3,5,5,,implant,,,,",
        "b.png,3,3,5,5,4,,012,1.5,,",
    )
    cohort = open_cohort(path)
    first, second = cohort.samples
    native, implant = (one.labels for one in first.instances)
    assert native == {"kl": 2, "knee": "native", "code": "007", "tip_x": 1, "tip_y": 2}
    assert isinstance(native["kl"], int)
    assert implant == {"knee": "implant"}
    assert second.instances[0].labels == {"kl": 4, "code": "012", "tip_x": 1.5}
    assert cohort.landmark_schema is None
    assert (first.labels, second.labels) == ({"kl": 9}, {})
    assert not cohort.skipped


def test_known_landmarks_bring_their_lines_and_classes(table):
    names = KNEE_LANDMARKS.names
    columns = ",".join(f"{name}_x,{name}_y" for name in names)
    cells = ",".join(f"{number},{number}" for number in range(len(names)))
    cohort = open_cohort(table(f"image,class,{columns}", f"a.png,left knee,{cells}"))
    assert cohort.landmark_schema == KNEE_LANDMARKS
    assert cohort.classes == KNEE_CLASSES
    assert cohort.samples[0].instances[0].category == 1
    cohort = open_cohort(table(f"image,class,{columns}", f"a.png,elbow,{cells}"))
    assert cohort.classes == ("elbow",)
    cohort = open_cohort(table(f"image,{columns}", f"a.png,{cells}"))
    assert cohort.classes == ("object",)


def test_one_image_by_two_names_is_one_sample(table):
    path = table("image,x1,y1,x2,y2", "b.png,0,0,1,1", "images/b.png,3,3,5,5")
    (sample,) = open_cohort(path).samples
    assert len(sample.instances) == 2


def test_masks(table, tmp_path):
    values = np.zeros((30, 40))
    values[4:9, 10:12] = 255
    save_mask(tmp_path / "masks" / "m.png", values)
    save_mask(tmp_path / "none.png", values * 0)
    path = table("image,mask,tip_x,tip_y", "a.png,m.png,10,4", "b.png,none.png,,")
    first, second = open_cohort(path).samples
    (instance,) = first.instances
    assert instance.mask.area == 10
    assert instance.box.tolist() == [9.5, 3.5, 11.5, 8.5]
    assert instance.landmarks.tolist() == [[10, 4, 2]]
    assert second.instances == ()


def test_masks_of_several_classes(table, tmp_path):
    values = np.zeros((30, 40))
    values[4:20, 10:22] = 1
    values[8:10, 12:15] = 2
    save_mask(tmp_path / "m.png", values)
    (tmp_path / "table.schema.json").write_text('{"mask_classes": {"1": "rim", "2": "cup"}}')
    cohort = open_cohort(table("image,mask", "a.png,m.png"))
    assert cohort.classes == ("cup", "rim")
    rim, cup = cohort.samples[0].instances
    assert (rim.category, cup.category) == (1, 0)
    assert (rim.mask.area, cup.mask.area) == (16 * 12 - 6, 6)


def test_the_file_beside_the_table_names_pairs_and_lines(table, tmp_path):
    document = {"swap": [["a", "b"]], "skeleton": [["b", "a"]], "sigmas": [0.1, 0.2]}
    (tmp_path / "table.schema.json").write_text(json.dumps(document))
    schema = open_cohort(table("image,a_x,a_y,b_x,b_y", "a.png,1,2,3,4")).landmark_schema
    assert (schema.swaps, schema.skeleton) == ((("a", "b"),), (("b", "a"),))
    assert schema.sigmas == (0.1, 0.2)


def test_mask_classes_do_not_matter_without_masks(table, tmp_path):
    (tmp_path / "table.schema.json").write_text('{"mask_classes": {"1": "rim"}}')
    cohort = open_cohort(table("image,a_x,a_y", "a.png,1,2"))
    assert cohort.classes == ("object",)


def test_an_image_by_its_absolute_path(table, tmp_path):
    path = table("image,grade", f"{tmp_path / 'images' / 'b.png'},1")
    assert open_cohort(path).samples[0].size == (30, 40)


def test_quotes_may_hold_the_other_delimiter_and_line_breaks(table):
    path = table("image;note", 'a.png;"1,2\n; ""three"""', "b.png;,")
    first, second = open_cohort(path).samples
    assert first.labels == {"note": '1,2\n; "three"'}
    assert second.labels == {"note": ","}


def test_a_dicom_file_says_what_the_table_does_not(table, tmp_path):
    for name in ("film.dcm", "other.dcm"):
        saved(tmp_path / name, ramp(), ImagerPixelSpacing=[0.2, 0.1], Laterality="L")
    path = table("image,patient_id,spacing_mm,tip_x,tip_y", "film.dcm,p,0.5,1,2", "other.dcm,,,3,4")
    stated, silent = open_cohort(path).samples
    assert (stated.patient_id, stated.spacing) == ("p", Spacing.square(0.5, "assumed"))
    assert (silent.spacing.row_mm, silent.spacing.column_mm) == (0.2, 0.1)
    assert silent.patient_id not in (None, "p")
    assert stated.laterality == silent.laterality is not None
    assert stated.size == (20, 30)
