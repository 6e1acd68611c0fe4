"""Black and white are learnt from a cohort, kept by a run, and never decided by one pixel."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from pathlib import Path

import cv2
import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from polyclinic.data import Cohort
from polyclinic.data.check import check_cohort
from polyclinic.data.depth import add_residual
from polyclinic.data.grey import UNKNOWN, CohortGrey, GreyByMaximum, grey_from_json
from polyclinic.data.images import read_picture
from polyclinic.sample import GreyScale, Sample

SIZE = (48, 64)


def field(seed: int, black: float = 100, white: float = 900, kind: type = np.uint16):
    """(H, W) blobs over a dark ground, as a camera counts them."""
    noise = np.random.default_rng(seed).random(SIZE).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 3)
    shares = (smooth - smooth.min()) / np.ptp(smooth)
    return (black + shares * (white - black)).astype(kind)


def cohort_of(folder: Path, *pictures) -> Cohort:
    folder.mkdir(exist_ok=True)
    samples = []
    for number, pixels in enumerate(pictures):
        file = folder / f"{number}.tif"
        tifffile.imwrite(file, pixels, photometric="minisblack", metadata=None)
        samples.append(Sample(image_id=number, size=SIZE, file=str(file)))
    return Cohort(samples=tuple(samples))


def with_outlier(pixels, value):
    changed = pixels.copy()
    changed[7, 9] = value
    return changed


@pytest.mark.parametrize(
    ("black", "white", "kind", "outlier"),
    [
        (100, 900, np.uint16, 60_000),
        (0, 4095, np.uint16, 4096),
        (-300, 900, np.int16, 32_000),
        (1e6, 3e9, np.uint32, 2**32 - 1),
        (0, 1, np.float32, 1.0005),
        (0.1, 0.3, np.float32, 1e6),
    ],
)
def test_one_pixel_of_each_image_decides_nothing(tmp_path, black, white, kind, outlier):
    fields = [field(seed, black, white, kind) for seed in range(6)]
    plain = cohort_of(tmp_path / "a", *fields).with_grey(range(6))
    spotted = cohort_of(tmp_path / "b", *(with_outlier(one, outlier) for one in fields))
    spotted = spotted.with_grey(range(6))
    others = np.ones(SIZE, bool)
    others[7, 9] = False
    for row in range(6):
        before, after = (one.load(row).image[others].astype(int) for one in (plain, spotted))
        assert np.abs(before - after).max() <= 2  # the next value in rank decides
        assert len(np.unique(after)) > 150


def test_images_of_a_cohort_share_a_scale_and_keep_their_order(tmp_path):
    dim, bright = field(0, 100, 400), field(1, 100, 900)
    cohort = cohort_of(tmp_path, dim, bright).with_grey([0, 1])
    first, second = cohort.load(0), cohort.load(1)
    assert first.grey == second.grey == cohort.grey.scales["uint16"]
    assert 1.5 < second.image.max() / first.image.max() < 4
    assert not first.grey_stated


def test_only_the_rows_given_teach(tmp_path):
    cohort = cohort_of(tmp_path, field(0), field(1), field(2, 9000, 60_000))
    assert cohort.with_grey([0, 1]).grey.scales["uint16"].white <= 900


def test_a_scale_comes_back_from_json(tmp_path):
    grey = cohort_of(tmp_path, field(0), field(1)).with_grey([0, 1]).grey
    assert grey_from_json(json.loads(json.dumps(grey.to_json()))) == grey


def test_runs_of_before_go_by_the_maximum(tmp_path):
    old = grey_from_json(None)
    assert old == GreyByMaximum()
    for top, white in ((4095, 4095), (4096, 65535)):
        pixels = field(0, 0, top)
        pixels[0, 0] = top
        tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="minisblack")
        expected = np.rint(pixels * (255 / white))
        assert (read_picture(tmp_path / "a.tif", old).rgb[..., 0] == expected).all()


def test_what_a_file_states_comes_before_the_cohort(tmp_path):
    cohort = cohort_of(tmp_path, field(0), field(1))
    file = Path(cohort.samples[1].file)
    tags = [(341, "H", 1, 2000, True)]
    tifffile.imwrite(file, field(1), photometric="minisblack", metadata=None, extratags=tags)
    cohort = cohort.with_grey([0, 1])
    assert cohort.load(0).grey == cohort.grey.scales["uint16"]
    assert (cohort.load(1).grey, cohort.load(1).grey_stated) == (GreyScale(0, 2000), True)


def png_with_significant_bits(pixels, bits):
    encoded = cv2.imencode(".png", pixels)[1].tobytes()
    body = b"sBIT" + bytes([bits])
    crc = zlib.crc32(body).to_bytes(4, "big")
    return encoded[:33] + (1).to_bytes(4, "big") + body + crc + encoded[33:]


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_significant_bits_of_a_png(tmp_path, bits):
    """Samples that fill 16 bits, as the specification wants it, and those that do not."""
    low = field(0, 0, 2**bits - 1)
    shift = 16 - bits
    filled = (low << shift) | (low >> (bits - shift))
    for pixels, white in ((low, 2**bits - 1), (filled, 65535), (low << shift, 65535)):
        (tmp_path / "a.png").write_bytes(png_with_significant_bits(pixels, bits))
        picture = read_picture(tmp_path / "a.png")
        assert (picture.deep == pixels).all()
        assert (picture.grey, picture.stated) == (GreyScale(0, white), True)


@pytest.mark.parametrize("channels", [2, 4])
def test_deep_png_with_transparency_lies_over_black(tmp_path, channels):
    values = np.random.default_rng(0).integers(0, 65536, (*SIZE, channels)).astype(np.uint16)
    (tmp_path / "a.png").write_bytes(imagecodecs.png_encode(values))
    expected = values[..., :-1] * (values[..., -1:] / 65535)
    found = read_picture(tmp_path / "a.png").deep
    assert np.abs(found.reshape(expected.shape) - expected).max() <= 0.5


@pytest.mark.parametrize("bits", [12, 16])
@pytest.mark.parametrize("shape", [SIZE, (*SIZE, 3)])
def test_jpeg_2000_keeps_its_depth(tmp_path, shape, bits):
    values = np.random.default_rng(0).integers(0, 2**bits, shape).astype(np.uint16)
    values[0, 0] = 2**bits - 1
    encoded = imagecodecs.jpeg2k_encode(values, level=0, reversible=True, bitspersample=bits)
    (tmp_path / "a.jp2").write_bytes(encoded)
    picture = read_picture(tmp_path / "a.jp2")
    assert (picture.deep == values).all()
    assert picture.grey == GreyScale(0, 2**bits - 1)


def test_a_change_of_nothing_keeps_values_beyond_white(tmp_path):
    fields = [field(seed) for seed in range(6)]
    fields[0][5, 5] = 50_000
    sample = cohort_of(tmp_path, *fields).with_grey(range(6)).load(0)
    same = add_residual(sample, np.zeros((*SIZE, 3), np.float32))
    assert (same == fields[0]).all()
    brighter = add_residual(sample, np.full((*SIZE, 3), 0.5, np.float32))
    assert np.abs(brighter - (fields[0] + 0.5 * sample.grey.span)).max() <= 1


def test_a_partner_is_shown_as_its_image(tmp_path):
    cohort = cohort_of(tmp_path, field(0), field(1, 100, 500), field(0, 200, 1500))
    samples = list(cohort.samples)
    samples[0] = replace(samples[0], sharp_file=samples[2].file)
    cohort = replace(cohort, samples=tuple(samples)).with_grey([0, 1])
    sample = cohort.load(0)
    assert (sample.sharp == sample.grey.to_rgb8(field(0, 200, 1500))).all()


@pytest.fixture
def trained(tmp_path) -> CohortGrey:
    """Taught by 16-bit images."""
    grey = cohort_of(tmp_path / "train", *(field(seed) for seed in range(8))).with_grey(range(8))
    assert isinstance(grey.grey, CohortGrey)
    return grey.grey


def doubts_of(tmp_path, grey, pixels):
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="minisblack", metadata=None)
    return " ".join(read_picture(tmp_path / "a.tif", grey).doubts)


def test_images_like_those_of_the_training_raise_no_doubt(tmp_path, trained):
    assert not doubts_of(tmp_path, trained, field(20))
    assert not doubts_of(tmp_path, UNKNOWN, field(20))


@pytest.mark.parametrize(
    ("pixels", "doubt"),
    [
        (field(9, 100, 250), "darkest images in training"),
        (field(9, 1000, 16_000), "more of the image is white"),
        (field(9, 0, 1, np.float32), "stored as float32, trained on uint16"),
        (field(9, 0, 20, np.uint8), "darkest images in training"),
    ],
)
def test_brightness_far_from_the_training_is_doubted(tmp_path, trained, pixels, doubt):
    assert doubt in doubts_of(tmp_path, trained, pixels)


def test_14_bits_after_training_on_8_are_no_black_image(tmp_path):
    folder = tmp_path / "train"
    cohort = cohort_of(folder, *(field(seed, 10, 240, np.uint8) for seed in range(6)))
    grey = cohort.with_grey(range(6)).grey
    deep = field(9, 700, 15_500)
    assert cv2.imwrite(str(tmp_path / "a.png"), deep)
    picture = read_picture(tmp_path / "a.png", grey)
    assert picture.rgb.max() > 200
    assert "stored as uint16, trained on uint8" in " ".join(picture.doubts)


def test_check_shows_the_scale_and_warns_of_mixed_types(tmp_path):
    for number in range(6):
        Image.fromarray(field(number)).save(tmp_path / f"{number}.png")
    check = check_cohort(tmp_path)
    (row,) = check.tables["grey scale"].values()
    assert row["images looked at"] == 6
    assert 100 <= row["black"] < 200 < 700 < row["white"] <= 900
    assert not any("several types" in str(one) for one in check.findings)
    Image.fromarray(field(7, 0, 255, np.uint8)).save(tmp_path / "7.png")
    (found,) = [one for one in check_cohort(tmp_path).findings if "several types" in str(one)]
    assert "6 of uint16, 1 of uint8" in str(found) or "1 of uint8, 6 of uint16" in str(found)


def test_real_fluorescence_keeps_its_levels(shared_data):
    """Both stacks have a ground near 86 and hold fewer than 900 grey values of 65,536."""
    folder = shared_data / "dfnn_defocus_stacks"
    files = sorted(folder.glob("*/*.png"))
    samples = [Sample(image_id=str(one), size=(800, 512), file=str(one)) for one in files]
    cohort = Cohort(samples=tuple(samples)).with_grey(range(len(samples)))
    for row in range(0, len(samples), 8):
        sample = cohort.load(row)
        assert len(np.unique(sample.image)) > 0.4 * len(np.unique(sample.deep))
        assert len(np.unique(sample.image)) > 150
