"""A scale, and what was drawn, belong to a size."""

import json

import numpy as np
import pytest
from PIL import Image

from polyclinic.data import check_cohort, open_cohort
from polyclinic.data.coco.write import write_coco
from polyclinic.data.grey import UNKNOWN
from polyclinic.data.loading import at_size
from polyclinic.errors import DataError
from polyclinic.sample import UNKNOWN_SIZE, Instance, Sample, Spacing
from tests.data.dicom.made import ramp, saved

BOX = [100, 100, 200, 100]


@pytest.fixture
def described(tmp_path):
    """A COCO file that says 1024 x 768 of a file of another size."""

    def make(size=(512, 384), annotations=(), **keys):
        noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3)).astype(np.uint8)
        Image.fromarray(noise).save(tmp_path / "a.png")
        image = {"id": 1, "file_name": "a.png", "width": 1024, "height": 768, "patient_id": "p"}
        image |= {"spacing_mm": [0.0017, 0.0017], "spacing_source": "calibrated"} | keys
        rows = [
            {"id": n, "image_id": 1, "category_id": 1, **one} for n, one in enumerate(annotations)
        ]
        document = {
            "images": [image],
            "categories": [{"id": 1, "name": "cell"}],
            "annotations": rows,
        }
        path = tmp_path / "set.json"
        path.write_text(json.dumps(document))
        return path

    return make


def test_the_scale_of_a_smaller_file_follows_its_pixels(described):
    loaded = open_cohort(described()).load(0)
    assert loaded.size == (384, 512)
    assert loaded.spacing.row_mm == pytest.approx(0.0034)
    assert loaded.instances == ()
    (flag,) = loaded.flags
    assert (
        flag
        == "scale: stated for 1024 x 768 pixels, the file has 512 x 384: 0.0034 mm a pixel here"
    )


def test_the_scale_of_a_cut_file_is_not_known(described):
    path = described(size=(500, 384))
    loaded = open_cohort(path).load(0)
    assert not loaded.spacing.known
    assert "not used" in loaded.flags[0]
    assert any("not used" in str(one) for one in check_cohort(path).findings)


def test_a_scale_that_can_not_be_is_a_flag_of_the_reading(described):
    loaded = open_cohort(described(size=(1024, 768), spacing_mm=[-1, 1])).load(0)
    assert not loaded.spacing.known
    assert loaded.flags == ("scale: row spacing is -1.0: not used",)


def test_what_was_drawn_on_other_pixels_is_refused(described):
    path = described(annotations=[{"bbox": BOX}])
    with pytest.raises(DataError, match=r"a.png: has 512 x 384 pixels; expected 1024 x 768"):
        open_cohort(path).load(0)
    errors = [str(one) for one in check_cohort(path).findings if one.severity == "error"]
    assert any("has 512 x 384 pixels" in one for one in errors)


def test_a_file_as_stated_changes_nothing(described):
    loaded = open_cohort(described(size=(1024, 768), annotations=[{"bbox": BOX}])).load(0)
    assert loaded.spacing == Spacing.square(0.0017, "calibrated")
    assert loaded.flags == ()
    assert len(loaded.instances) == 1


def test_a_sample_at_another_size_keeps_no_objects():
    sample = Sample(
        image_id=1,
        size=(20, 30),
        spacing=Spacing.square(1, "assumed"),
        instances=(Instance(box=np.array([1.0, 1, 5, 5])),),
        labels={"grade": 2},
    )
    assert at_size(sample, (20, 30)) is sample
    other = at_size(sample, (40, 60))
    assert (other.instances, other.labels) == (None, {"grade": 2})
    assert other.spacing == Spacing.square(0.5, "assumed")
    unopened = Sample(image_id=1, size=UNKNOWN_SIZE, spacing=Spacing.square(1, "assumed"))
    assert at_size(unopened, (9, 9)).spacing == unopened.spacing
    assert at_size(unopened, (9, 9)).flags == ()


def test_the_scale_of_a_table_belongs_to_the_size_that_it_states(tmp_path):
    Image.new("L", (512, 384)).save(tmp_path / "a.png")
    Image.new("L", (512, 400)).save(tmp_path / "b.png")
    table = tmp_path / "t.csv"
    table.write_text(
        "image,width,height,spacing_mm\na.png,1024,768,0.0017\nb.png,1024,768,0.0017\n"
    )
    cohort = open_cohort(table)
    first, second = cohort.samples
    assert first.spacing.column_mm == pytest.approx(0.0034)
    assert first.size == (384, 512)
    assert not second.spacing.known
    assert ["row 2" in str(cohort.skipped[0]), "row 3" in str(cohort.skipped[1])] == [True, True]
    # Written again, size and scale still belong together.
    write_coco(cohort, tmp_path / "again.json")
    again = open_cohort(tmp_path / "again.json")
    assert [one.size for one in again.samples] == [(384, 512), (400, 512)]
    assert again.samples[0].spacing.row_mm == pytest.approx(0.0034)
    assert not again.samples[1].spacing.known


def test_the_scale_of_a_dicom_file_is_of_its_own_pixels(tmp_path):
    saved(tmp_path / "film.dcm", ramp(), ImagerPixelSpacing=[0.2, 0.2])  # 30 x 20 pixels
    image = {"id": 1, "file_name": "film.dcm", "width": 60, "height": 40}

    def loaded(**keys):
        path = tmp_path / "set.json"
        path.write_text(json.dumps({"images": [image | keys]}))
        from polyclinic.runtime.reads import loaded as load

        return load(open_cohort(path).samples[0], UNKNOWN)

    assert loaded().spacing == Spacing.square(0.2, "detector")
    stated = loaded(spacing_mm=[0.5, 0.5])  # for 60 x 40 pixels
    assert stated.spacing == Spacing.square(1.0, "assumed")
    assert "60 x 40" in stated.flags[0]
