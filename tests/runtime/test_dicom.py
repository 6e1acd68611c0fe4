"""The scale that a DICOM file states reaches the measurements."""

from __future__ import annotations

import numpy as np
import pytest

from polyclinic.data import read_image
from polyclinic.data.dicom import read_dicom
from polyclinic.data.dicom.identity import pseudonym
from polyclinic.reading.coco import readings_to_coco
from polyclinic.runs.load import load
from polyclinic.runtime.engines.job import Job
from polyclinic.runtime.engines.steps import open_files
from polyclinic.runtime.inputs import samples_from
from polyclinic.runtime.stored.documents import read_document
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


def test_a_scale_for_images_without_one_gives_way_to_the_files(reader, tmp_path, phantoms):
    png = min((phantoms.parent / "images").iterdir())
    film = saved(tmp_path / "film.dcm", read_image(png), ImagerPixelSpacing=[0.0068, 0.0068])
    broken = saved(tmp_path / "cut.dcm", read_image(png), ImagerPixelSpacing=[0.0068, 0.0068])
    broken.write_bytes(broken.read_bytes()[:-5000])
    job = Job(out=tmp_path, formats=frozenset(), spacing=Spacing.square(5.0, "assumed"))
    for opened in open_files(reader, samples_from([film, broken]), job):
        assert opened.sample.patient_id == pseudonym(PATIENT)
        assert opened.sample.spacing == Spacing.square(0.0068, "detector")
        assert (opened.error is None) == (opened.sample.file == str(film))


def test_a_scale_that_is_given_counts_before_the_files(reader, phantoms, tmp_path):
    png = min((phantoms.parent / "images").iterdir())
    film = saved(tmp_path / "film.dcm", read_image(png), ImagerPixelSpacing=[0.0068, 0.0068])
    given = Spacing.square(0.0070, "assumed")
    assert reader.read(film, spacing=given).spacing == given


def test_how_a_file_was_shown_stands_in_the_reading(reader, phantoms, tmp_path):
    pixels = read_image(min((phantoms.parent / "images").iterdir()))
    grey = pixels[..., 0].astype(np.uint16) * 16
    tags = {"PatientOrientation": ["L", "F"], "PixelAspectRatio": ["2", "1"]}
    film = saved(tmp_path / "film.dcm", grey, BitsStored=12, HighBit=11, **tags)
    plain = saved(tmp_path / "plain.dcm", pixels)
    stated = read_dicom(film)
    readings = list(reader.read_each(samples_from([film, plain])))
    assert readings[0].provenance["image"] == {"steps": list(stated.steps)}
    assert readings[0].flags[-1].startswith("pixels are not square, 2 high to 1 wide")
    assert not any("square" in flag for flag in readings[1].flags)
    document = readings_to_coco(readings)
    first, second = document["images"]
    assert first["provenance"]["steps"] == list(stated.steps)
    assert "orientation: L and F, not applied" in first["provenance"]["steps"]
    assert "orientation" not in str(second["provenance"])
    assert "image" not in document["info"]
    again = read_document(document, "readings.json", None)
    assert [one.provenance for one in again] == [one.provenance for one in readings]
