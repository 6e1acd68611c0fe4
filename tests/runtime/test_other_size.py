"""A file that has another size than its annotations say is read right, and never judged wrong."""

import json

import pytest
from PIL import Image

import polyclinic
from polyclinic.data import open_cohort
from polyclinic.data.images import read_image
from polyclinic.errors import DataError
from polyclinic.recipes.judge import read_cases
from polyclinic.runtime.engines import Job
from polyclinic.runtime.engines.steps import open_files
from polyclinic.sample import Spacing

MM = 0.0068


@pytest.fixture(scope="module")
def reader(run):
    reader = polyclinic.load(run)
    reader.accept = 0.05
    return reader


@pytest.fixture
def shrunk(phantoms, tmp_path):
    """The phantoms at half their size, under annotations of the whole size."""

    def make(size=None, **without):
        document = json.loads(phantoms.read_text())
        for image in document["images"]:
            picture = Image.open(phantoms.parent / image["file_name"])
            half = size or (picture.width // 2, picture.height // 2)
            image["file_name"] = f"{image['id']}.png"
            picture.resize(half).save(tmp_path / image["file_name"])
        path = tmp_path / "set.json"
        path.write_text(json.dumps(document | without))
        return path

    return make


def lengths(reading):
    return {m.unit for m in reading.measurements if m.value is not None}


def test_the_scale_follows_the_pixels_and_the_reading_says_so(reader, shrunk):
    cohort = open_cohort(shrunk())
    for reading in reader.read_each(cohort.samples):
        assert reading.spacing.row_mm == pytest.approx(2 * MM)
        assert reading.spacing.origin == "calibrated"
        assert "stated for 256 x 192 pixels, the file has 128 x 96" in reading.flags[0]
    # As if the right scale had been stated for this very file.
    stated = reader.read(cohort.samples[0].file, spacing=Spacing.square(2 * MM, "calibrated"))
    assert stated.flags == ()
    first = reader.read(cohort.samples[0])
    assert [m.value for m in first.measurements] == pytest.approx(
        [m.value for m in stated.measurements]
    )


def test_of_a_cut_picture_nothing_is_said_in_micrometres(reader, shrunk):
    (reading, *_) = reader.read_each(open_cohort(shrunk(size=(128, 120))).samples)
    assert not reading.spacing.known
    assert "not used" in reading.flags[0]
    assert "um" not in lengths(reading)


def test_what_is_given_with_the_call_is_of_the_pixels_that_are_read(reader, shrunk):
    sample = open_cohort(shrunk()).samples[0]
    given = reader.read(sample, spacing=Spacing(row_mm=0.5, column_mm=0.5))
    assert given.spacing == Spacing.square(0.5, "assumed")
    assert given.flags == ()
    for number in (0.5, (0.5, 0.5)):
        with pytest.raises(DataError, match=r"Spacing\.square"):
            reader.read(read_image(sample.file), spacing=number)


def test_the_command_line_states_a_scale_for_files_without_one(reader, shrunk, tmp_path):
    cut = open_cohort(shrunk(size=(128, 120))).samples
    job = Job(out=tmp_path, formats=frozenset(), spacing=Spacing.square(0.5, "assumed"))
    (one, *_) = open_files(reader, cut, job)
    assert one.sample.spacing == Spacing.square(0.5, "assumed")
    assert "not used" in one.sample.flags[0]
    kept = open_files(reader, open_cohort(shrunk()).samples, job)
    assert kept[0].sample.spacing.row_mm == pytest.approx(2 * MM)


def test_objects_drawn_at_another_size_are_never_judged(reader, shrunk):
    cohort = open_cohort(shrunk())
    for sample, reading in read_cases(reader, cohort, range(len(cohort))):
        assert "has 128 x 96 pixels; expected 256 x 192" in reading.error
        assert sample.instances  # they count as missed
    with pytest.raises(DataError, match="has 128 x 96 pixels"):
        cohort.load(0)


def test_without_drawn_objects_a_smaller_file_is_judged_at_its_scale(reader, shrunk):
    cohort = open_cohort(shrunk(annotations=[]))
    for sample, reading in read_cases(reader, cohort, range(len(cohort))):
        assert reading.error is None
        assert sample.size == reading.size
        assert sample.spacing.row_mm == pytest.approx(2 * MM)
        assert sample.image is None
