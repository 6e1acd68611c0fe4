"""Restored images come out as deep as the images went in."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from polyclinic.data.depth import add_residual
from polyclinic.data.images import read_picture
from polyclinic.runtime.reader import Reader

NOTICE = "restored images are for viewing, not for measuring"


@pytest.fixture
def restoring(monkeypatch):
    """A reader that restores nothing, but says so."""
    plain = Reader.read_batch

    def read_batch(self, samples):
        readings = plain(self, samples)
        return [
            replace(one, restored=add_residual(sample, np.zeros((*sample.size, 3), np.float32)))
            for sample, one in zip(samples, readings, strict=True)
        ]

    monkeypatch.setattr(Reader, "read_batch", read_batch)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    values = np.random.default_rng(0).integers(0, 60_000, (30, 40, 3)).astype(np.uint16)
    cv2.imwrite(str(folder / "colour.tif"), values[..., ::-1])
    cv2.imwrite(str(folder / "grey.tiff"), values[..., 0])
    cv2.imwrite(str(folder / "dark.png"), values[..., 0] // 16)
    Image.fromarray((values // 256).astype(np.uint8)).save(folder / "plain.png")
    return folder


def test_every_image_comes_back_at_its_depth(polyclinic, toy_run, restoring, folder, tmp_path):
    code, out, _ = polyclinic("read", toy_run, folder, "--out", tmp_path / "out")
    assert code == 0
    assert NOTICE in out
    written = {path.name for path in (tmp_path / "out" / "restored").iterdir()}
    expected = {"colour.tif.tiff", "grey.tiff.tiff", "dark.png.tiff", "plain.png.png"}
    assert written == expected
    for name in ("colour.tif", "grey.tiff", "dark.png", "plain.png"):
        before = read_picture(folder / name)
        (path,) = (tmp_path / "out" / "restored").glob(f"{name}*")
        after = read_picture(path)
        assert (after.rgb == before.rgb).all()
        assert (after.deep is None) == (before.deep is None)
        assert before.deep is None or np.array_equal(before.deep, after.deep)


def test_restored_images_may_be_left_out(polyclinic, toy_run, restoring, folder, tmp_path):
    code, out, _ = polyclinic(
        "read", toy_run, folder, "--out", tmp_path / "out", "--format", "coco"
    )
    assert code == 0
    assert NOTICE not in out
    assert not (tmp_path / "out" / "restored").exists()


def test_a_reader_that_restores_nothing_says_nothing_of_it(polyclinic, toy_run, folder, tmp_path):
    code, out, _ = polyclinic(
        "read", toy_run, folder, "--out", tmp_path / "out", "--format", "restored"
    )
    assert code == 0
    assert NOTICE not in out
    assert not (tmp_path / "out").exists()
