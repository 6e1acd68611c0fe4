from __future__ import annotations

from itertools import product

import numpy as np
import pydicom
import pytest

from polyclinic.data import read_image
from polyclinic.data.dicom import read_header
from polyclinic.systems.knee.phantoms.dicom import Encoding, Header, draw_encoding, write_film

HEADER = Header(patient_id="p001", key=(1, 2, 3), laterality="R", spacing_mm=0.2713)


def encoding(**changes):
    usual = {
        "bits": 12,
        "inverted": False,
        "spacing": "imager",
        "slope": None,
        "intercept": 0.0,
        "window": True,
        "headroom": 0.0,
        "device": "phantom DR A",
    }
    return Encoding(**(usual | changes))


@pytest.fixture
def ramp():
    return np.tile(np.linspace(0, 1, 64, dtype=np.float32), (48, 1))


@pytest.mark.parametrize(
    ("bits", "inverted", "slope", "window"),
    list(product((10, 12, 14), (False, True), (None, 0.5), (False, True))),
)
def test_every_encoding_reads_back_as_the_same_picture(
    tmp_path, ramp, bits, inverted, slope, window
):
    how = encoding(
        bits=bits, inverted=inverted, slope=slope, intercept=-128.0, window=window, headroom=0.2
    )
    write_film(tmp_path / "a.dcm", ramp, HEADER, how)
    picture = read_image(tmp_path / "a.dcm")
    assert picture.shape == (48, 64, 3)
    assert np.abs(picture[..., 0] - 255.0 * ramp).max() < 4


@pytest.mark.parametrize("spacing", ["imager", "both", "plain"])
def test_the_pixel_size_is_the_detectors(tmp_path, ramp, spacing):
    write_film(tmp_path / "a.dcm", ramp, HEADER, encoding(spacing=spacing))
    header = read_header(tmp_path / "a.dcm")
    assert header.spacing.row_mm == header.spacing.column_mm == pytest.approx(0.2713)
    assert header.spacing.origin == "detector"
    assert header.identity.laterality == "right"


def test_the_file_is_a_digital_radiograph_of_nobody(tmp_path, ramp):
    write_film(tmp_path / "a.dcm", ramp, HEADER, encoding(bits=10))
    data = pydicom.dcmread(tmp_path / "a.dcm")
    assert data.SOPClassUID.name == "Digital X-Ray Image Storage - For Presentation"
    assert data.file_meta.TransferSyntaxUID == pydicom.uid.ExplicitVRLittleEndian
    assert data.file_meta.MediaStorageSOPInstanceUID == data.SOPInstanceUID
    assert (data.PatientID, str(data.PatientName)) == ("p001", "Phantom^Knee")
    assert not data.PatientBirthDate
    assert (data.BodyPartExamined, data.ViewPosition, data.ImageLaterality) == ("KNEE", "AP", "R")
    assert (data.BitsAllocated, data.BitsStored, data.HighBit) == (16, 10, 9)
    assert data.pixel_array.max() <= 1023


def test_identifiers_follow_from_the_key(tmp_path, ramp):
    files = []
    for number, key in enumerate([(1, 2, 3), (1, 2, 3), (1, 2, 4)]):
        header = Header(patient_id="p001", key=key, laterality="B", spacing_mm=0.3)
        write_film(tmp_path / f"{number}.dcm", ramp, header, encoding())
        files.append((tmp_path / f"{number}.dcm").read_bytes())
    assert files[0] == files[1] != files[2]


def test_machines_differ():
    drawn = [draw_encoding(np.random.default_rng(number)) for number in range(80)]
    assert {one.bits for one in drawn} == {10, 12, 14}
    assert {one.inverted for one in drawn} == {True, False}
    assert {one.spacing for one in drawn} == {"imager", "both", "plain"}
    assert {one.window for one in drawn} == {True, False}
    assert any(one.slope is None for one in drawn)
