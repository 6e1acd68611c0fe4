from __future__ import annotations

import numpy as np
import pytest
from pydicom.pixels import get_decoder
from pydicom.uid import ExplicitVRLittleEndian, RLELossless

from polyclinic.data import MAX_PIXELS, read_image
from polyclinic.data.dicom import read_dicom, read_header
from polyclinic.errors import ImageError
from tests.data.dicom.made import SECRETS, dataset, ramp, saved

RGB = np.zeros((16, 16, 3), np.uint8)
PRIVATE = "1.2.840.113619.5.2"


@pytest.mark.parametrize(
    ("array", "tags", "message"),
    [
        (ramp(), {"PixelData": None}, "no pixel data.*Computed Radiography"),
        (ramp(), {"Rows": None, "SOPClassUID": "1.2.840.10008.5.1.4.1.1.88.11"}, "Text SR"),
        (ramp(), {"Rows": 0}, "30 x 0 pixels"),
        (ramp(), {"Rows": 20_000, "Columns": 20_000}, "at most"),
        (ramp(), {"Rows": 21}, "1200 bytes of pixels; expected 1260"),
        (ramp(), {"PhotometricInterpretation": None}, "no photometric"),
        (ramp(), {"PhotometricInterpretation": "LATIN"}, "not known; expected one of MONOCHROME1"),
        (ramp(), {"PhotometricInterpretation": "RGB"}, "RGB with 1 samples"),
        (RGB, {"PhotometricInterpretation": "MONOCHROME2"}, "MONOCHROME2 with 3 samples"),
        (ramp(), {"PhotometricInterpretation": "PALETTE COLOR"}, "without a palette"),
        (ramp(), {"PixelRepresentation": None}, "says no PixelRepresentation"),
        (ramp(), {"BitsAllocated": 12}, "12 bits allocated"),
        (ramp(), {"BitsStored": 17}, "17 bits stored"),
        (ramp(), {"NumberOfFrames": -1}, "-1 frames"),
        (ramp(), {"NumberOfFrames": 5}, "bytes of pixels"),
    ],
)
def test_each_fault_has_its_message(tmp_path, array, tags, message):
    path = saved(tmp_path / "film.dcm", array, **tags)
    with pytest.raises(ImageError, match=message) as caught:
        read_image(path)
    assert caught.value.where == str(path)
    assert not any(secret in str(caught.value) for secret in SECRETS)
    assert MAX_PIXELS < 20_000**2


def rewritten(path, syntax):
    """The same bytes under another transfer syntax of the same length."""
    old = str(ExplicitVRLittleEndian).encode()
    body = path.read_bytes()
    assert body.count(old) == 1
    path.write_bytes(body.replace(old, syntax.encode().ljust(len(old), b"\0")))
    return path


def test_private_codecs_are_named(tmp_path):
    path = rewritten(saved(tmp_path / "film.dcm", ramp()), PRIVATE)
    with pytest.raises(ImageError, match="private way") as caught:
        read_dicom(path)
    assert PRIVATE in str(caught.value)
    assert "exported uncompressed" in str(caught.value)


@pytest.mark.parametrize(
    ("syntax", "packages"),
    [
        ("1.2.840.10008.1.2.4.90", "pip install pylibjpeg pylibjpeg-openjpeg"),
        ("1.2.840.10008.1.2.4.80", "pip install python-gdcm"),
    ],
)
def test_a_missing_decoder_says_what_to_install(tmp_path, monkeypatch, syntax, packages):
    ds = dataset(ramp())
    ds.compress(RLELossless)
    ds.file_meta.TransferSyntaxUID = syntax
    ds.save_as(tmp_path / "film.dcm", enforce_file_format=True)
    monkeypatch.setattr(get_decoder(syntax), "_available", {})
    with pytest.raises(ImageError, match="no decoder for it is installed") as caught:
        read_dicom(tmp_path / "film.dcm")
    assert caught.value.hint == packages


def test_compressed_pixels_without_a_transfer_syntax(tmp_path):
    ds = dataset(ramp())
    ds.compress(RLELossless)
    ds.save_as(tmp_path / "film.dcm", enforce_file_format=True)
    body = (tmp_path / "film.dcm").read_bytes()
    (tmp_path / "bare.dcm").write_bytes(body[body.index(b"\x08\x00\x16\x00UI") :])
    with pytest.raises(ImageError, match="does not say how its pixels are compressed"):
        read_dicom(tmp_path / "bare.dcm")


def test_missing_files_folders_and_texts(tmp_path):
    (tmp_path / "text.dcm").write_text("not DICOM\n")
    (tmp_path / "empty.dcm").write_bytes(b"")
    for name, said in (
        ("none.dcm", "not exist"),
        ("", "folder"),
        ("text.dcm", "no DICOM"),
        ("empty.dcm", "no DICOM"),
    ):
        for read in (read_dicom, read_header):
            with pytest.raises(ImageError, match=said):
                read(tmp_path / name)
    with pytest.raises(ImageError, match="text file"):
        read_image(tmp_path / "text.dcm")


def test_damaged_bytes_never_give_another_error_nor_a_name(tmp_path):
    random = np.random.default_rng(1)
    whole = np.frombuffer(saved(tmp_path / "film.dcm", ramp()).read_bytes(), np.uint8)
    header = len(whole) - ramp().nbytes
    path = tmp_path / "damaged.dcm"
    messages = []
    for _ in range(150):
        damaged = whole.copy()
        damaged[random.integers(132, header, 4)] = random.integers(0, 256, 4)
        path.write_bytes(damaged[: random.integers(140, len(whole) + 1)].tobytes())
        try:
            assert read_dicom(path).rgb.ndim == 3
        except ImageError as error:
            messages.append(str(error))
    assert messages
    assert not any(secret in message for message in messages for secret in SECRETS)


def test_what_the_parser_complains_of_is_quoted_nowhere(tmp_path, caplog, capfd):
    ds = dataset(ramp())
    ds["PatientBirthDate"]._value = "Quixote"
    ds.save_as(tmp_path / "film.dcm", enforce_file_format=True)
    assert read_dicom(tmp_path / "film.dcm").pixels.any()
    said = caplog.text + "".join(capfd.readouterr())
    assert not any(secret in said for secret in SECRETS)
