from __future__ import annotations

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from polyclinic.data import MAX_PIXELS, image_size, read_image
from polyclinic.data.images import page_count, read_picture
from polyclinic.errors import ImageError

RGB = np.random.default_rng(0).integers(0, 256, (12, 20, 3)).astype(np.uint8)
GREY = RGB[..., 0]


def saved(folder, image, name="image.png", **options):
    path = folder / name
    image.save(path, **options)
    return path


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp"])
def test_rgb_is_read_as_it_is(tmp_path, suffix):
    path = saved(tmp_path, Image.fromarray(RGB), f"image.{suffix}")
    assert (read_image(path) == RGB).all()
    assert image_size(path) == (12, 20)
    assert read_image(path).flags.writeable


def test_grey_becomes_three_equal_channels(tmp_path):
    assert (read_image(saved(tmp_path, Image.fromarray(GREY))) == GREY[..., None]).all()


def test_one_bit(tmp_path):
    bits = GREY > 99
    assert (read_image(saved(tmp_path, Image.fromarray(bits))) == bits[..., None] * 255).all()


def test_palette(tmp_path):
    image = Image.fromarray(RGB).quantize(16)
    assert (read_image(saved(tmp_path, image)) == np.asarray(image.convert("RGB"))).all()


def test_cmyk(tmp_path):
    image = Image.fromarray(RGB).convert("CMYK")
    assert (
        read_image(saved(tmp_path, image, "image.tif")) == np.asarray(image.convert("RGB"))
    ).all()


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_lies_over_black(tmp_path, mode):
    image = Image.fromarray(RGB).convert(mode)
    opacity = np.zeros(GREY.shape, np.uint8)
    opacity[:, 10:] = 255
    image.putalpha(Image.fromarray(opacity))
    pixels = read_image(saved(tmp_path, image))
    assert not pixels[:, :10].any()
    assert (pixels[:, 10:] == np.asarray(image.convert("RGB"))[:, 10:]).all()


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize(("top", "divisor"), [(65535, 65535), (4095, 4095), (5000, 16383)])
def test_16_bit_grey_of_no_cohort_is_scaled_by_fixed_steps(tmp_path, suffix, top, divisor):
    values = np.linspace(0, top, 240).reshape(12, 20).round().astype(np.uint16)
    path = saved(tmp_path, Image.fromarray(values), f"image.{suffix}")
    expected = np.rint(values * (255 / divisor)).astype(np.uint8)
    assert (read_image(path) == expected[..., None]).all()
    deep = read_picture(path).deep
    assert (deep.dtype, deep.shape) == (np.uint16, (12, 20))
    assert (deep == values).all()


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp"])
def test_8_bit_files_have_no_deep_pixels(tmp_path, suffix):
    for pixels in (RGB, GREY):
        path = saved(tmp_path, Image.fromarray(pixels), f"image.{suffix}")
        assert read_picture(path).deep is None


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("top", [4095, 65535])
def test_16_bit_colour_keeps_its_depth(tmp_path, suffix, top):
    values = (RGB.astype(np.float64) / 255 * top).round().astype(np.uint16)
    values[0, 0] = top
    path = tmp_path / f"image.{suffix}"
    assert cv2.imwrite(str(path), values[..., ::-1])
    expected = np.rint(values * (255 / top)).astype(np.uint8)
    assert (read_image(path) == expected).all()
    assert (read_picture(path).deep == values).all()


def test_16_bit_transparency_lies_over_black(tmp_path):
    values = np.full((4, 6, 4), 65535, np.uint16)
    values[:, :3, 3] = 0
    path = tmp_path / "image.png"
    assert cv2.imwrite(str(path), values)
    pixels = read_image(path)
    assert not pixels[:, :3].any()
    assert (pixels[:, 3:] == 255).all()


def test_floats(tmp_path):
    values = np.linspace(0, 1, 240, dtype=np.float32).reshape(12, 20)
    pixels = read_image(saved(tmp_path, Image.fromarray(values), "image.tif"))
    assert pixels[0, 0, 0] == 0
    assert pixels[-1, -1].tolist() == [255, 255, 255]
    assert (np.diff(pixels[..., 0].ravel().astype(int)) >= 0).all()
    assert (read_picture(tmp_path / "image.tif").deep == values).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_floats_that_are_no_numbers_are_refused(tmp_path, value):
    values = np.zeros((12, 20), np.float32)
    values[3, 4:7] = value
    path = saved(tmp_path, Image.fromarray(values), "image.tif")
    with pytest.raises(ImageError, match="3 of 240 pixels are NaN or infinite") as caught:
        read_image(path)
    assert "image.tif" in str(caught.value)
    assert "background" in str(caught.value)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("deep", [False, True])
def test_exif_orientation(tmp_path, orientation, deep):
    turns = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
        8: lambda a: np.rot90(a),
    }
    image = Image.fromarray(GREY.astype(np.uint16) * 257 if deep else RGB)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(tmp_path, image, exif=exif)
    expected = turns[orientation](np.repeat(GREY[..., None], 3, 2) if deep else RGB)
    assert (read_image(path) == expected).all()
    assert image_size(path) == expected.shape[:2]
    if deep:
        assert (read_picture(path).deep == expected[..., 0].astype(np.uint16) * 257).all()


@pytest.mark.parametrize("late", [False, True])
def test_the_size_of_a_png_is_told_without_its_pixels(tmp_path, monkeypatch, late):
    """Unless EXIF stands behind them, as a few programs write it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    path = saved(tmp_path, Image.fromarray(RGB), exif=exif)
    content = path.read_bytes()
    start = content.index(b"eXIf") - 4
    chunk = content[start : start + 12 + int.from_bytes(content[start : start + 4], "big")]
    if late:
        content = content.replace(chunk, b"")
        path.write_bytes(content[:-12] + chunk + content[-12:])
    assert read_image(path).shape == (20, 12, 3)
    assert image_size(path) == (20, 12)
    decoded = []
    monkeypatch.setattr(
        "PIL.PngImagePlugin.PngImageFile.load_prepare", lambda image: decoded.append(1)
    )
    if not late:
        assert image_size(path) == (20, 12)
        assert not decoded


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_of_16_bit_colour(tmp_path, orientation):
    """Turned as Pillow turns the same picture of 8 bits."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    expected = read_image(saved(tmp_path, Image.fromarray(RGB), "small.png", exif=exif))
    deep = cv2.imencode(".png", RGB[..., ::-1].astype(np.uint16) * 257)[1].tobytes()
    body = exif.tobytes()[6:]
    chunk = struct.pack(">I", len(body)) + b"eXIf" + body
    chunk += struct.pack(">I", zlib.crc32(b"eXIf" + body))
    path = tmp_path / "deep.png"
    path.write_bytes(deep[:33] + chunk + deep[33:])
    assert (read_image(path) == expected).all()
    assert (read_picture(path).deep == expected.astype(np.uint16) * 257).all()


def test_the_first_of_several_pages_is_read(tmp_path):
    pages = [Image.fromarray(np.full((8, 8), value, np.uint8)) for value in (10, 200)]
    path = saved(tmp_path, pages[0], "image.tif", save_all=True, append_images=pages[1:])
    assert (read_image(path) == 10).all()
    assert page_count(path) == 2


def test_one_pixel_is_an_image(tmp_path):
    assert read_image(saved(tmp_path, Image.new("RGB", (1, 1)))).shape == (1, 1, 3)


def encoded(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.repeat(np.repeat(RGB, 9, 0), 9, 1)).save(buffer, kind)
    return buffer.getvalue()


def giant_png(side: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        tail = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + tail

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0")
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("cut.jpg", encoded("JPEG")[:-900], "truncated"),
        ("cut.png", encoded("PNG")[:-900], "decoded"),
        ("cut.tif", encoded("TIFF")[:-900], "decoded"),
        ("text.png", b"not an image\n", "text file"),
        ("empty.png", b"", "0 bytes"),
        ("noise.png", bytes(range(128, 256)), "not supported"),
        ("giant.png", giant_png(20_000), "pixels"),
        ("large.png", giant_png(10_001), "10001 x 10001 pixels"),
    ],
)
def test_bad_files_give_one_clear_message(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ImageError, match=message) as caught:
        read_image(path)
    assert name in str(caught.value)
    assert MAX_PIXELS < 10_001**2


def test_missing_files_and_folders(tmp_path):
    for path, message in ((tmp_path / "none.png", "not exist"), (tmp_path, "folder")):
        with pytest.raises(ImageError, match=message):
            read_image(path)
        with pytest.raises(ImageError, match=message):
            image_size(path)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "GIF", "BMP", "WEBP"])
def test_damaged_bytes_never_give_another_error(tmp_path, kind):
    random = np.random.default_rng(1)
    whole = np.frombuffer(encoded(kind), np.uint8)
    path = tmp_path / "damaged.img"
    outcomes = set()
    for _ in range(60):
        damaged = whole.copy()
        damaged[random.integers(0, min(len(whole), 300), 12)] = random.integers(0, 256, 12)
        path.write_bytes(damaged[: random.integers(1, len(whole))].tobytes())
        try:
            outcomes.add(read_image(path).ndim)
        except ImageError:
            outcomes.add(0)
    assert 0 in outcomes
