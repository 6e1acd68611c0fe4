"""A header is parsed once for each state of its file."""

from __future__ import annotations

import os

import pytest

from polyclinic.data.dicom import header, read_dicom, read_header
from polyclinic.data.dicom.header import Known, state_of
from polyclinic.errors import ImageError
from tests.data.dicom.made import ramp, saved


@pytest.fixture
def parsed(monkeypatch):
    """Files of any age count as settled; gives the paths that were parsed for their header."""
    paths, plain = [], header.open_dataset
    monkeypatch.setattr(header, "_SETTLED_NS", -(10**18))

    def counted(path, *, pixels):
        paths.append(path)
        return plain(path, pixels=pixels)

    monkeypatch.setattr(header, "open_dataset", counted)
    return paths


def test_a_header_is_parsed_once(tmp_path, parsed):
    path = saved(tmp_path / "film.dcm", ramp())
    assert read_header(path) == read_header(str(path))
    assert parsed == [path]


def test_reading_a_film_tells_its_header(tmp_path, parsed):
    path = saved(tmp_path / "film.dcm", ramp(), ImagerPixelSpacing=[0.2, 0.2])
    image = read_dicom(path)
    told = read_header(path)
    assert parsed == []
    assert type(told) is header.DicomHeader
    assert (told.size, told.spacing, told.notes) == (image.size, image.spacing, image.notes)


def test_what_lies_behind_the_pixels_is_not_told(tmp_path, parsed):
    path = saved(tmp_path / "film.dcm", ramp(), DataSetTrailingPadding=b"\0\0")
    read_dicom(path)
    read_header(path)
    assert parsed == [path]


def test_a_changed_file_is_parsed_again(tmp_path, parsed):
    path = saved(tmp_path / "film.dcm", ramp())
    assert read_header(path).size == (20, 30)
    saved(path, ramp(shape=(30, 20)))
    os.utime(path, ns=(1, 1))
    assert read_header(path).size == (30, 20)
    path.unlink()
    with pytest.raises(ImageError, match="does not exist"):
        read_header(path)


def test_a_file_that_was_just_written_has_no_state(tmp_path):
    assert state_of(saved(tmp_path / "film.dcm", ramp())) is None
    assert state_of(tmp_path / "missing.dcm") is None


def test_the_oldest_go():
    kept = Known[str](most=2)
    for one in range(3):
        kept.keep((one,), str(one))
    kept.keep(None, "no state")
    assert [kept.get(state) for state in ((0,), (1,), (2,), None)] == [None, "1", "2", None]
