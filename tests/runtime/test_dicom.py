"""The scale that a DICOM file states reaches the measurements."""

from __future__ import annotations

import pytest

from polyclinic.data import read_image
from polyclinic.data.dicom.identity import pseudonym
from polyclinic.recipes.load import load
from polyclinic.runtime.engines.job import Job
from polyclinic.runtime.engines.steps import open_files
from polyclinic.runtime.inputs import samples_from
from polyclinic.sample import Spacing
from tests.data.dicom.made import PATIENT, saved


@pytest.fixture(scope="module")
def reader(run):
    return load(run)


def test_scale_and_identity_come_from_the_file(reader, phantoms, tmp_path):
    png = min((phantoms.parent / "images").iterdir())
    film = saved(tmp_path / "film.dcm", read_image(png), ImagerPixelSpacing=[0.0068, 0.0068])
    stated = reader.read(png, spacing=Spacing.square(0.0068, "detector"))
    (sample,) = samples_from([film])
    for reading in (reader.read(film), reader.read(sample), *reader.read_each([sample])):
        assert reading.patient_id == pseudonym(PATIENT)
        assert reading.spacing == stated.spacing
        assert reading.measurements == stated.measurements
    density = next(m for m in stated.measurements if m.name == "density")
    assert (density.unit, density.scale_source) == ("1/mm", "detector")


def test_a_scale_for_images_without_one_gives_way_to_the_files(tmp_path, phantoms):
    png = min((phantoms.parent / "images").iterdir())
    film = saved(tmp_path / "film.dcm", read_image(png), ImagerPixelSpacing=[0.0068, 0.0068])
    broken = saved(tmp_path / "cut.dcm", read_image(png), ImagerPixelSpacing=[0.0068, 0.0068])
    broken.write_bytes(broken.read_bytes()[:-5000])
    job = Job(out=tmp_path, formats=frozenset(), spacing=Spacing.square(5.0, "assumed"))
    for opened in open_files(samples_from([film, broken]), job):
        assert opened.sample.patient_id == pseudonym(PATIENT)
        assert opened.sample.spacing == Spacing.square(0.0068, "detector")
        assert (opened.error is None) == (opened.sample.file == str(film))


def test_a_scale_that_is_given_counts_before_the_files(reader, phantoms, tmp_path):
    png = min((phantoms.parent / "images").iterdir())
    film = saved(tmp_path / "film.dcm", read_image(png), ImagerPixelSpacing=[0.0068, 0.0068])
    given = Spacing.square(0.0070, "assumed")
    assert reader.read(film, spacing=given).spacing == given
