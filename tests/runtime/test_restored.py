"""Pixels are written without loss, whole or not at all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from polyclinic.data.grey import UNKNOWN
from polyclinic.data.images import read_picture
from polyclinic.reading import Reading
from polyclinic.runtime.reads import loaded
from polyclinic.runtime.restored import write_image, write_restored
from polyclinic.sample import Sample
from polyclinic.sample.grey_scale import BYTE, GreyScale

shapes = st.sampled_from([(5, 7), (1, 1), (5, 7, 3)])
kinds = st.sampled_from([np.uint8, np.uint16, np.int16, np.uint32, np.int32])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("restored")


@settings(max_examples=10)  # each is written through to the disk
@given(pixels=st.tuples(kinds, shapes).flatmap(lambda one: arrays(*one)))
def test_what_is_written_is_read_back(folder, pixels):
    if pixels.dtype == np.uint8:
        found = read_picture(write_image(folder / "image.png", pixels, BYTE))
        assert found.deep is None
        assert (found.rgb == (pixels if pixels.ndim == 3 else pixels[..., None])).all()
        return
    scale = GreyScale(7, 100)
    found = read_picture(write_image(folder / "image.tiff", pixels, scale))
    assert (found.deep.dtype, found.deep.shape) == (pixels.dtype, pixels.shape)
    assert (found.deep == pixels).all()
    assert (found.grey, found.stated) == (scale, True)
    assert {path.name for path in folder.iterdir()} <= {"image.png", "image.tiff"}


@pytest.mark.parametrize(
    ("image", "file", "kind", "name"),
    [
        ("a.png", None, np.uint8, "a.png.png"),
        ("a.png", None, np.uint16, "a.png.tiff"),
        ("sub/a.tiff", None, np.uint16, "sub_a.tiff-xb3da5b412c.tiff"),
        (7, "/data/b.tif", np.uint16, "b-7.tiff"),
        (7, None, np.uint8, "image-7.png"),
    ],
)
def test_names(tmp_path, image, file, kind, name):
    reading = Reading(image_id=image, size=(4, 4), file=file, restored=np.zeros((4, 4), kind))
    assert write_restored(reading, tmp_path, BYTE) == tmp_path / name


def test_nothing_restored(tmp_path):
    assert write_restored(Reading(image_id=1, size=(4, 4)), tmp_path / "none", BYTE) is None
    assert not (tmp_path / "none").exists()


def test_a_reader_is_given_the_pixels_as_stored_and_no_partner(tmp_path):
    values = np.arange(400, dtype=np.uint16).reshape(20, 20) * 100
    Image.fromarray(values).save(tmp_path / "a.tif")
    sample = loaded(
        Sample(
            image_id=1,
            size=(0, 0),
            file=str(tmp_path / "a.tif"),
            sharp_file=str(tmp_path / "none.tif"),
        ),
        UNKNOWN,
    )
    assert (sample.deep == values).all()
    assert sample.sharp is None
