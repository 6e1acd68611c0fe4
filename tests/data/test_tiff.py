"""TIFF of every kind against tifffile, and against what a person would see."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
import tifffile
from PIL import Image

from polyclinic.data import image_size, read_image
from polyclinic.data.images import page_count, read_picture
from polyclinic.data.tiff import open_tiff
from polyclinic.errors import ImageError
from polyclinic.sample import GreyScale

SIZE = (17, 23)
TURNS = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: np.swapaxes(a, 0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(np.swapaxes(a, 0, 1), 2),
    8: np.rot90,
}
"""What TIFF 6.0 says of each value of tag 274: where row 0 and column 0 are."""
TYPES = ("u1", "u2", "u4", "i1", "i2", "i4", "f2", "f4", "f8")


def pixels(kind: str, channels: int, seed: int = 0):
    """(H, W) or (H, W, C) values over most of a type."""
    shares = np.random.default_rng(seed).random((*SIZE, channels))
    shares[:4, :9] = 0.98  # no turn gives the same picture
    shares = shares[..., 0] if channels == 1 else shares
    dtype = np.dtype(kind)
    if dtype.kind == "f":
        return (shares * 2 - 0.7).astype(dtype)
    ends = np.iinfo(dtype)
    return (shares * (float(ends.max) - ends.min) * 0.999 + ends.min).astype(dtype)


def written(folder, values, *, orientation=1, planes="contig", name="a.tif", tags=(), **options):
    path = folder / name
    if planes == "separate" and values.ndim == 3:
        values = np.moveaxis(values, -1, 0)
        options["planarconfig"] = "separate"
    extratags = [(274, "H", 1, orientation, True), *tags]
    tifffile.imwrite(path, values, extratags=extratags, metadata=None, **options)
    return path


def kept(values):
    """In the type that the reader keeps."""
    wider = {np.dtype("i1"): "i2", np.dtype("f2"): "f4", np.dtype("f8"): "f4"}
    return values.astype(wider.get(values.dtype, values.dtype))


CONTAINERS = [
    {},
    {"compression": "lzw"},
    {"compression": "zlib", "predictor": True},
    {"compression": "zstd"},
    {"compression": "packbits"},
    {"tile": (16, 16)},
    {"tile": (16, 16), "compression": "lzma"},
    {"byteorder": ">"},
    {"byteorder": ">", "compression": "zlib"},
    {"bigtiff": True},
    {"rowsperstrip": 5},
]


@pytest.mark.parametrize("container", CONTAINERS, ids=str)
@pytest.mark.parametrize("kind", TYPES)
def test_all_orientations_and_planes(tmp_path, kind, container):
    """Grey and RGB of each type, in each container: 32 files each."""
    if kind == "f2" and container.get("predictor"):
        pytest.skip("tifffile writes no predictor of half floats")
    for colours, orientation, planes in itertools.product((1, 3), TURNS, ("contig", "separate")):
        values = pixels(kind, colours)
        photometric = "minisblack" if colours == 1 else "rgb"
        path = written(
            tmp_path,
            values,
            orientation=orientation,
            planes=planes,
            photometric=photometric,
            **container,
        )
        expected = kept(TURNS[orientation](values))
        picture = read_picture(path)
        assert image_size(path) == expected.shape[:2] == picture.rgb.shape[:2]
        assert page_count(path) == 1
        assert (
            picture.stored == (expected if kind != "u1" or colours == 3 else expected[..., None])
        ).all()
        if kind != "u1":
            assert picture.deep.dtype == expected.dtype
            shares = (expected.astype(float) - picture.grey.black) / picture.grey.span
            shown = np.rint(shares.clip(0, 1) * 255)
            assert (
                np.abs(picture.rgb[..., 0] - (shown if colours == 1 else shown[..., 0])).max() <= 1
            )
            assert len(np.unique(picture.rgb)) > 50


@pytest.mark.parametrize("bits", [10, 12, 14])
@pytest.mark.parametrize("orientation", [1, 6])
def test_fewer_bits_than_the_type_state_white(tmp_path, bits, orientation):
    values = pixels("u2", 1) >> (16 - bits)
    path = tmp_path / "a.tif"
    packed = _packed(values, bits)
    path.write_bytes(_grey_tiff(packed, bits, orientation))
    picture = read_picture(path)
    assert (picture.deep == TURNS[orientation](values)).all()
    assert (picture.grey, picture.stated) == (GreyScale(0, 2**bits - 1), True)


def _packed(values, bits):
    """Rows of big-endian samples of so many bits, each row padded to a byte (TIFF 6.0, p. 29)."""
    as_bits = (values[..., None] >> np.arange(bits)[::-1]) & 1
    return np.packbits(as_bits.reshape(len(values), -1).astype(np.uint8), axis=1).tobytes()


def _grey_tiff(data, bits, orientation):
    """A file of one strip, written by hand: tifffile writes no such samples."""
    entries = [
        (256, 3, SIZE[1]),
        (257, 3, SIZE[0]),
        (258, 3, bits),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (274, 3, orientation),
        (277, 3, 1),
        (278, 3, SIZE[0]),
        (279, 4, len(data)),
    ]
    ifd = len(entries).to_bytes(2, "big")
    for code, kind, value in entries:
        size = 2 if kind == 3 else 4
        ifd += code.to_bytes(2, "big") + kind.to_bytes(2, "big") + (1).to_bytes(4, "big")
        ifd += value.to_bytes(size, "big").ljust(4, b"\0")
    start = 8 + len(data) + len(data) % 2
    head = b"MM\0*" + start.to_bytes(4, "big")
    return head + data.ljust(start - 8, b"\0") + ifd + bytes(4)


@pytest.mark.parametrize("compression", [None, "lzw"])
@pytest.mark.parametrize("kind", TYPES)
def test_white_is_zero(tmp_path, kind, compression):
    """The complement, so that more is brighter; of floats, 1 less the value."""
    values = pixels(kind, 1)
    if np.dtype(kind).kind == "f":
        values = values.clip(0, 1)
    path = written(tmp_path, values, photometric="miniswhite", compression=compression)
    picture = read_picture(path)
    if np.dtype(kind).kind == "f":
        expected = 1 - values.astype(float)
    else:
        ends = np.iinfo(kind)
        expected = float(ends.min) + float(ends.max) - values.astype(float)
    stored = picture.stored[..., 0] if kind == "u1" else picture.stored
    assert stored == pytest.approx(expected, rel=1e-6, abs=1e-3)
    assert picture.rgb[0, 0].max() < 30  # the bright corner is ink


def test_white_is_zero_in_the_lower_half_of_32_bits(tmp_path):
    values = pixels("u2", 1).astype(np.uint32)
    shown = read_image(written(tmp_path, values, photometric="miniswhite"))[..., 0]
    assert np.abs(shown - (65535 - values.astype(float)) / 257).max() <= 1


def test_bits(tmp_path):
    bits = pixels("u1", 1) > 99
    for photometric, shown in (("minisblack", bits), ("miniswhite", ~bits)):
        path = written(tmp_path, bits, photometric=photometric)
        assert (read_image(path) == shown[..., None] * 255).all()
        assert (open_tiff(path).codes == bits).all()


@pytest.mark.parametrize("orientation", [1, 5])
@pytest.mark.parametrize("as_bytes", [False, True])
def test_a_palette(tmp_path, orientation, as_bytes):
    """Entries of 16 bits, or of 8 as some programs write them."""
    codes = pixels("u1", 1)
    colours = np.random.default_rng(1).integers(0, 256, (3, 256)).astype(np.uint16)
    path = written(
        tmp_path,
        codes,
        orientation=orientation,
        photometric="palette",
        colormap=colours if as_bytes else colours * 257,
    )
    expected = TURNS[orientation](codes)
    assert (read_image(path) == colours.T[expected]).all()
    assert (open_tiff(path).codes == expected).all()


@pytest.mark.parametrize("planes", ["contig", "separate"])
@pytest.mark.parametrize("kind", ["u1", "u2"])
def test_only_what_is_called_transparent_is(tmp_path, kind, planes):
    values = pixels(kind, 4)
    top = np.iinfo(kind).max
    opacity = values[..., 3:] / top
    for meaning, expected in {
        "unspecified": values[..., :3],
        "assocalpha": values[..., :3],
        "unassalpha": values[..., :3] * opacity,
    }.items():
        path = written(tmp_path, values, planes=planes, photometric="rgb", extrasamples=[meaning])
        picture = read_picture(path)
        assert np.abs(picture.stored - expected).max() <= 0.5 + 1e-9
        left_out = any("1 of 4 samples a pixel left out" in step for step in picture.steps)
        assert left_out == (meaning == "unspecified")


def test_grey_with_transparency(tmp_path):
    values = pixels("u2", 2)
    path = written(
        tmp_path,
        values,
        photometric="minisblack",
        planarconfig="contig",
        extrasamples=["unassalpha"],
    )
    expected = values[..., 0] * (values[..., 1] / 65535)
    assert np.abs(read_picture(path).deep - expected).max() <= 0.5


@pytest.mark.parametrize("kind", ["u1", "u2"])
def test_cmyk_as_pillow_turns_it_into_rgb(tmp_path, kind):
    inks = pixels("u1", 4)
    path = written(
        tmp_path, inks.astype(kind) * (257 if kind == "u2" else 1), photometric="separated"
    )
    expected = np.asarray(Image.fromarray(inks, "CMYK").convert("RGB"))
    assert np.abs(read_image(path).astype(int) - expected).max() <= (kind == "u2")


@pytest.mark.parametrize("photometric", ["rgb", "ycbcr"])
def test_jpeg_inside(tmp_path, photometric):
    values = np.kron(pixels("u1", 3)[:4, :4], np.ones((16, 16, 1), np.uint8))
    path = tmp_path / "a.tif"
    if photometric == "rgb":
        written(tmp_path, values, photometric=photometric, compression="jpeg")
    else:
        Image.fromarray(values).save(path, compression="jpeg", quality=95)
    with Image.open(path) as image:
        expected = np.asarray(image.convert("RGB"), int)
    assert np.abs(read_image(path) - expected).max() <= 2
    assert np.abs(read_image(path) - values.astype(int)).mean() < 12


@pytest.mark.parametrize(
    ("photometric", "kind", "message"),
    [("cielab", "u1", "CIELAB"), ("ycbcr", "u1", "no JPEG"), ("rgb", "u8", "64 bits")],
)
def test_what_is_not_read_is_refused_in_words(tmp_path, photometric, kind, message):
    path = written(tmp_path, pixels("u1", 3).astype(kind), photometric=photometric)
    with pytest.raises(ImageError, match=message) as caught:
        read_image(path)
    assert "a.tif" in str(caught.value)
    assert "save it as grey or RGB" in str(caught.value)


@pytest.mark.parametrize("kind", ["u2", "i2", "f4"])
def test_stated_black_and_white_are_taken(tmp_path, kind):
    values = (
        np.linspace(-90, 700, SIZE[0] * SIZE[1]).reshape(SIZE).clip(0 if kind == "u2" else None)
    )
    letter = {"u2": "H", "i2": "h", "f4": "f"}[kind]
    tags = [(340, letter, 1, 100, True), (341, letter, 1, 600, True)]
    picture = read_picture(
        written(tmp_path, values.astype(kind), photometric="minisblack", tags=tags)
    )
    assert (picture.grey, picture.stated) == (GreyScale(100, 600), True)
    assert (picture.rgb[0, 0, 0], picture.rgb[-1, -1, 0]) == (0, 255)


def test_thumbnails_are_no_pages_and_not_the_image(tmp_path):
    path, values = tmp_path / "a.tif", pixels("u2", 1)
    with tifffile.TiffWriter(path) as file:
        file.write(values[::4, ::4], subfiletype=1, photometric="minisblack", metadata=None)
        file.write(values, photometric="minisblack", metadata=None)
        file.write(values[::-1], photometric="minisblack", metadata=None)
    assert (read_picture(path).deep == values).all()
    assert image_size(path) == SIZE
    assert page_count(path) == 2


def test_frames_of_one_page_are_counted(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.stack([pixels("u2", 1)] * 5), imagej=True)
    assert page_count(path) == 5
    assert (read_picture(path).deep == pixels("u2", 1)).all()


@pytest.mark.parametrize("compression", [None, "lzw", "zlib"])
def test_a_file_cut_off_is_refused(tmp_path, compression):
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, pixels("u2", 3), photometric="rgb", compression=compression)
    whole = buffer.getvalue()
    path = tmp_path / "cut.tif"
    path.write_bytes(whole[:-300])
    with pytest.raises(ImageError, match="decoded"):
        read_image(path)
