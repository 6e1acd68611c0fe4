"""Every file of the collection: pydicom's pixels, or one clear error."""

from __future__ import annotations

import csv
import warnings

import numpy as np
import pydicom
import pytest
from pydicom.pixels import apply_color_lut, apply_modality_lut

from polyclinic.data import image_size, read_image
from polyclinic.data.dicom import is_dicom, read_dicom, read_header
from polyclinic.data.images import page_count
from polyclinic.errors import ImageError

NOT_DECODED = {"JPGExtended.dcm": "12 bits", "JLSL_08_07_0_1F.dcm": "JPEG-LS"}
"""What the index calls readable, by a decoder whose licence is not permissive."""

BIG_ENDIAN = {"OBXXXX1A_expb.dcm": "OBXXXX1A.dcm"}
"""The same images in the other byte order."""


def rows(folder):
    with (folder / "index.csv").open() as file:
        found = [(folder / row["source"] / row["file"], row) for row in csv.DictReader(file)]
    return [(path, row["pixel_status"] == "ok") for path, row in found if path.is_file()]


@pytest.fixture(scope="module")
def files(shared_data):
    found = rows(shared_data / "dicom_files")
    assert len(found) > 200
    return found


def expected(path):
    """The first frame as pydicom decodes it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ds = pydicom.dcmread(path)
        pixels = ds.pixel_array
        if int(ds.get("NumberOfFrames") or 1) > 1:
            pixels = pixels[0]
        if ds.PhotometricInterpretation == "PALETTE COLOR":
            if path.name in BIG_ENDIAN:  # pydicom takes the words of its palette the wrong way
                ds = pydicom.dcmread(path.with_name(BIG_ENDIAN[path.name]))
            return apply_color_lut(pixels, ds)[..., :3]
        return pixels if pixels.ndim == 3 else apply_modality_lut(pixels, ds)


def test_readable_files_have_pydicoms_pixels(files):
    read = 0
    for path, readable in files:
        if not readable or path.name in NOT_DECODED:
            continue
        image = read_dicom(path)
        wanted = expected(path)
        assert image.pixels.shape == wanted.shape, path.name
        assert (image.pixels == wanted).all(), path.name
        assert image.rgb.shape == (*image.size, 3)
        assert image.rgb.dtype == np.uint8
        assert image.steps[0].startswith("decode")
        assert (read_image(path) == image.rgb).all()
        assert image_size(path) == read_header(path).size == wanted.shape[:2]
        assert page_count(path) == image.frames
        read += 1
    assert read > 140


def test_other_files_give_one_clear_error(files):
    refused = {}
    for path, readable in files:
        if readable:
            continue
        try:
            # Without preamble or transfer syntax, yet whole: read beyond what the index expects.
            assert read_dicom(path).rgb.max() > 0
            assert path.name.startswith(("JL", "OT-PAL"))
        except ImageError as error:
            refused[path] = error
    assert len(refused) > 60
    assert all(error.where == str(path) for path, error in refused.items())
    vague = [str(error) for error in refused.values() if "can't be decoded (" in error.what]
    assert not vague


def test_what_only_other_decoders_read_is_named(shared_data):
    for name, said in NOT_DECODED.items():
        path = next((shared_data / "dicom_files").rglob(name))
        with pytest.raises(ImageError, match=said) as caught:
            read_dicom(path)
        assert "uncompressed" in str(caught.value)


def test_only_dicom_files_are_recognised(files):
    for path, readable in files:
        if readable or path.name.startswith(("DICOMDIR", "JL", "rt", "no_meta", "OT-PAL")):
            # no_meta.dcm begins in the middle of nowhere, *.dump are texts
            odd = path.name == "no_meta.dcm" or path.suffix == ".dump"
            assert is_dicom(path) != odd, path.name
        if path.suffix in (".txt", ".gz", ".csv") or path.name == "README":
            assert not is_dicom(path)


@pytest.mark.parametrize("folder", ["dsb2018_nuclei", "hc18_fetal_head", "bccd_blood_boxes"])
def test_other_images_are_not_taken_for_dicom(shared_data, folder):
    others = [file for file in (shared_data / folder).rglob("*") if file.is_file()][:200]
    assert others
    assert not any(is_dicom(file) for file in others)
