"""Damaged files on which a decoder ends its process."""

from __future__ import annotations

import pytest

from polyclinic.data.dicom import read_dicom
from polyclinic.data.dicom.decode import survives
from polyclinic.errors import ImageError
from tests.data.dicom.made import ramp, saved

DEADLY = {
    "JPEGLSNearLossless_16.dcm": {586: 206, 638: 38, 713: 131, 735: 13},
    "JPGLosslessP14SV1_1s_1f_8b.dcm": {2482: 211, 2550: 232, 2625: 86, 2836: 107, 2882: 34},
}
"""Bytes that make GDCM 3.2.6 abort; other versions may refuse the file themselves."""


@pytest.mark.parametrize("name", sorted(DEADLY))
def test_a_file_that_ends_its_decoder_gives_an_error(shared_data, tmp_path, name):
    whole = bytearray(next((shared_data / "dicom_files").rglob(name)).read_bytes())
    for place, value in DEADLY[name].items():
        whole[place] = value
    path = tmp_path / name
    path.write_bytes(whole)
    with pytest.raises(ImageError, match="can't be decoded") as caught:
        read_dicom(path)
    assert caught.value.where == str(path)


def test_a_file_is_tried_again_when_it_has_changed(tmp_path):
    path = saved(tmp_path / "film.dcm", ramp())
    assert survives(path)
    path.write_bytes(b"no DICOM at all")
    assert survives(path)  # refused, which is no end
