"""A mask means the same object in whatever codes it is stored, or is refused by name."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from polyclinic.data import check_cohort, open_cohort
from polyclinic.data.findings import Place
from polyclinic.data.mask_folder.file import read_codes, read_object
from tests.data.dicom.made import saved

SIZE = (48, 64)
OBJECT = np.zeros(SIZE, bool)
OBJECT[10:30, 20:40] = True
GREY = (OBJECT * 255).astype(np.uint8)
ORIENTATION = 274


def rgba(colour, alpha, elsewhere=None):
    pixels = np.zeros((*SIZE, 4), np.uint8)
    pixels[..., :3] = colour
    if elsewhere is not None:
        pixels[~OBJECT, :3] = elsewhere
    pixels[..., 3] = alpha
    return Image.fromarray(pixels)


def palette(rows, *colours, transparency=None):
    image = Image.fromarray(rows.astype(np.uint8), "P")
    image.putpalette([value for colour in colours for value in colour])
    if transparency is not None:
        image.info["transparency"] = transparency
    return image


def noted(orientation):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif


WHITE, BLACK, RED, GREEN = (255, 255, 255), (0, 0, 0), (255, 0, 0), (0, 255, 0)
ONE = OBJECT.astype(np.uint8)

PICTURES = {
    "grey": Image.fromarray(GREY),
    "one": Image.fromarray(ONE),
    "bits": Image.fromarray(OBJECT),
    "red on black": Image.fromarray(GREY[..., None] * np.array([1, 0, 0], np.uint8)),
    "two on black": rgba(RED, 255, BLACK).convert("RGB"),
    "palette": palette(ONE, BLACK, WHITE),
    "palette without colours": palette(ONE, BLACK, BLACK),
    "classes with dark colours": palette(ONE, BLACK, (40, 0, 40), RED),
    "16 bits": Image.fromarray(ONE.astype(np.uint16) * 3),
    "quantised from black": palette(ONE + 4, *[RED] * 4, BLACK, WHITE),
    "clear index 0": palette(ONE, WHITE, RED, transparency=0),
}
WARNED = {
    "palette from white": (palette(1 - ONE, WHITE, BLACK), "index 0 is light"),
    "alpha of black": (rgba(BLACK, GREY), "transparent"),
    "alpha of white": (rgba(WHITE, GREY), "transparent"),
    "weak alpha": (rgba(BLACK, ONE * 3), "transparent"),
    "alpha of grey": (rgba(BLACK, GREY).convert("LA"), "transparent"),
    "black on clear white": (rgba(BLACK, GREY, WHITE), "transparent"),
    "red and green on clear": (rgba(RED, np.where(OBJECT, 200, 0), GREEN), "transparent"),
    "clear colours": (rgba(RED, 0, BLACK), "transparent all over"),
    "inverted": (Image.fromarray(255 - GREY), "fills the frame"),
    "full": (Image.fromarray(np.full(SIZE, 255, np.uint8)), "fills the frame"),
    "three values": (Image.fromarray(ONE + (np.arange(64) == 30).astype(np.uint8)), "3 values"),
}
OTHER_AREAS = {"inverted": 48 * 64 - 400, "full": 48 * 64, "three values": 400 + 28}
REFUSED = {
    "no 0": (Image.fromarray(np.where(OBJECT, 1, 255).astype(np.uint8)), "holds 1 and 255, and no"),
    "no 0 from 1": (Image.fromarray(ONE + 1), "holds 1 and 2, and no 0"),
    "red on green": (rgba(RED, 255, GREEN).convert("RGB"), "holds 255, and no 0"),
    "red on white": (palette(ONE, WHITE, RED), "has no dark colour"),
    "other size": (Image.fromarray(GREY.T.copy()), "has 48 x 64 pixels"),
    "palette without colours or 0": (palette(ONE + 1, BLACK, BLACK, BLACK), "holds 1 and 2"),
}


def look(path):
    return read_object(path, SIZE, Place(str(path)))


def png(tmp_path, image, **options):
    if "transparency" in image.info:
        options["transparency"] = image.info["transparency"]
    image.save(tmp_path / "a.png", **options)
    return tmp_path / "a.png"


@pytest.mark.parametrize("name", PICTURES)
def test_the_object_is_told_by_what_is_meant(tmp_path, name):
    drawn, said = look(png(tmp_path, PICTURES[name]))
    assert said == []
    assert (drawn == OBJECT).all()


@pytest.mark.parametrize("name", WARNED)
def test_what_may_be_meant_otherwise_is_warned_of(tmp_path, name):
    image, words = WARNED[name]
    drawn, said = look(png(tmp_path, image))
    assert any(words in one.what for one in said), said
    assert {one.severity for one in said} == {"warning"}
    assert drawn.sum() == OTHER_AREAS.get(name, 400)
    if name not in OTHER_AREAS:
        assert (drawn == OBJECT).all()


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_not_be_told_is_refused_by_name(tmp_path, name):
    image, words = REFUSED[name]
    drawn, said = look(png(tmp_path, image))
    assert drawn is None
    (error,) = [one for one in said if one.severity == "error"]
    assert words in error.what
    assert "a.png" in error.what


@pytest.mark.parametrize("name", ["grey", "palette", "bits"])
def test_empty_masks_are_empty(tmp_path, name):
    empty = Image.fromarray(np.zeros(SIZE, np.uint8)).convert("P" if name == "palette" else "L")
    drawn, said = look(png(tmp_path, empty.convert("1") if name == "bits" else empty))
    assert said == []
    assert not drawn.any()


def test_nothing_visible_is_empty(tmp_path):
    for image in (rgba(WHITE, 0), palette(np.ones(SIZE), WHITE, BLACK)):
        assert not look(png(tmp_path, image))[0].any()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["grey", "deep", "deep colour", "palette", "tiff", "tiff 16"])
def test_orientations_turn_masks_as_they_turn_images(tmp_path, orientation, kind):
    """What is stored is the upright mask turned back, as Pillow turns it."""
    back = {6: 8, 8: 6}.get(orientation, orientation)
    turned = np.array(_turned(Image.fromarray(GREY), back))
    path = tmp_path / ("a.tif" if "tiff" in kind else "a.png")
    if "tiff" in kind:
        values = turned.astype(np.uint16) * 3 if "16" in kind else turned
        tag = [(ORIENTATION, "H", 1, orientation, True)]
        tifffile.imwrite(path, values, photometric="minisblack", extratags=tag)
    elif kind == "deep colour":
        cv2.imwrite(str(path), np.repeat(turned[..., None].astype(np.uint16), 3, 2))
        _add_exif(path, orientation)
    else:
        image = Image.fromarray(turned.astype(np.uint16) if kind == "deep" else turned)
        image = image.convert("P") if kind == "palette" else image
        image.save(path, exif=noted(orientation))
    drawn, said = look(path)
    assert said == []
    assert (drawn == OBJECT).all()


def _turned(image, orientation):
    exif = image.getexif()
    exif[ORIENTATION] = orientation
    from PIL import ImageOps

    return ImageOps.exif_transpose(image)


def _add_exif(path, orientation):
    """Put an eXIf chunk before the pixels of a PNG file, as Pillow holds no colours of 16 bits."""
    small = path.with_name("small.png")
    Image.new("L", (2, 2)).save(small, exif=noted(orientation))
    donor, content = small.read_bytes(), path.read_bytes()
    small.unlink()
    start = donor.index(b"eXIf") - 4
    chunk = donor[start : start + 12 + int.from_bytes(donor[start : start + 4], "big")]
    place = content.index(b"IDAT") - 4
    path.write_bytes(content[:place] + chunk + content[place:])


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [3, 4])
def test_colours_of_16_bits_keep_small_values(tmp_path, kind, channels):
    values = np.repeat(ONE[..., None].astype(kind) * 3, channels, 2)
    if channels == 4:
        values[..., 3] = np.iinfo(kind).max
    cv2.imwrite(str(tmp_path / "a.png"), values)
    assert (look(tmp_path / "a.png")[0] == OBJECT).all()


TIFFS = {
    "white is 0": (255 - GREY, {"photometric": "miniswhite"}),
    "white is 0, numbers": (ONE, {"photometric": "miniswhite"}),
    "white is 0, bits": (~OBJECT, {"photometric": "miniswhite"}),
    "white is 0, 16 bits": (65535 - GREY.astype(np.uint16) * 257, {"photometric": "miniswhite"}),
    "0.9": (OBJECT * np.float32(0.9), {}),
    "float 64": (OBJECT * 255.0, {}),
    "signed": (ONE.astype(np.int16), {}),
    "32 bits": (ONE.astype(np.uint32) * 70000, {}),
    "packed": (GREY, {"compression": "deflate", "tile": (16, 16)}),
    "palette": (
        ONE,
        {
            "photometric": "palette",
            "colormap": np.stack([np.arange(256, dtype=np.uint16) * 257] * 3),
        },
    ),
    "colours of 16 bits": (np.repeat(ONE[..., None].astype(np.uint16), 3, 2), {}),
    "planes": (
        np.repeat(ONE[None], 3, 0),
        {"photometric": "rgb", "planarconfig": "separate"},
    ),
}


@pytest.mark.parametrize("name", TIFFS)
def test_tiff_masks_mean_the_same(tmp_path, name):
    values, options = TIFFS[name]
    colour = values.ndim == 3
    tifffile.imwrite(
        tmp_path / "a.tif",
        values,
        **({"photometric": "rgb" if colour else "minisblack"} | options),
    )
    drawn, said = look(tmp_path / "a.tif")
    assert said == []
    assert (drawn == OBJECT).all()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (ONE.astype(np.int16) - 1, "holds the value -1"),
        (np.where(OBJECT, 1, np.nan).astype(np.float32), "NaN"),
        (OBJECT * np.float32(0.5) + np.float32(0.1), "holds 0.1 and 0.6, and no 0"),
    ],
)
def test_values_that_mean_nothing_are_refused(tmp_path, values, words):
    tifffile.imwrite(tmp_path / "a.tif", values)
    drawn, (error,) = look(tmp_path / "a.tif")
    assert drawn is None
    assert words in error.what


def test_shares_are_cut_at_half(tmp_path):
    shares = cv2.GaussianBlur(OBJECT.astype(np.float32), (0, 0), 1.0)
    tifffile.imwrite(tmp_path / "a.tif", shares)
    drawn, (said,) = look(tmp_path / "a.tif")
    assert (drawn == (shares >= 0.5)).all()
    assert "shares" in said.what


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("jpg", {"quality": 60}),
        ("webp", {"quality": 60}),
        ("jp2", {"irreversible": True, "quality_mode": "rates", "quality_layers": [6]}),
    ],
)
def test_masks_packed_with_loss_are_cut_at_half_of_white(tmp_path, kind, options):
    path = tmp_path / f"a.{kind}"
    Image.fromarray(GREY).save(path, **options)
    drawn, said = look(path)
    assert any("packed with loss" in one.what for one in said)
    assert abs(int(drawn.sum()) - 400) <= 4
    assert (drawn ^ OBJECT).sum() <= 12


@pytest.mark.parametrize(("kind", "options"), [("webp", {"lossless": True}), ("jp2", {})])
def test_formats_that_may_lose_nothing_keep_small_numbers(tmp_path, kind, options):
    path = tmp_path / f"a.{kind}"
    values = ONE * 2 + (np.arange(64) == 30).astype(np.uint8) * OBJECT
    Image.fromarray(values).save(path, **options)
    drawn, (said,) = look(path)
    assert "3 values" in said.what
    assert (drawn == OBJECT).all()


def test_a_lossy_mask_of_small_numbers_is_refused(tmp_path):
    values = np.where(OBJECT, 9, 0) + np.arange(64) // 16
    Image.fromarray(values.astype(np.uint8)).save(tmp_path / "a.jpg")
    drawn, said = look(tmp_path / "a.jpg")
    assert drawn is None
    assert "packed with loss" in said[-1].what


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_a_mask_may_be_a_dicom_file(tmp_path, photometric):
    values = 255 - GREY if photometric == "MONOCHROME1" else GREY
    saved(tmp_path / "a", values, PhotometricInterpretation=photometric)
    assert (look(tmp_path / "a")[0] == OBJECT).all()


def test_of_several_pages_the_first_is_read_and_the_others_are_told(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.stack([GREY, 255 - GREY]), photometric="minisblack")
    drawn, (said,) = look(tmp_path / "a.tif")
    assert (drawn == OBJECT).all()
    assert "has 2 pages" in said.what


def test_numbers_of_classes_are_taken_as_they_are_stored(tmp_path):
    rows = np.where(OBJECT, 2, 1)
    path = png(tmp_path, palette(rows, WHITE, WHITE, RED))
    codes, said = read_codes(path, SIZE, Place("a"))
    assert said == []
    assert (codes == rows).all()
    path = png(tmp_path, palette(ONE, WHITE, RED))
    codes, (finding,) = read_codes(path, SIZE, Place("a"))
    assert (codes == ONE).all()
    assert "index 0 is light" in finding.what
    cv2.imwrite(str(path), np.where(OBJECT, 300, 2).astype(np.uint16))
    assert (read_codes(path, SIZE, Place("a"))[0] == np.where(OBJECT, 300, 2)).all()
    tifffile.imwrite(tmp_path / "a.tif", OBJECT * np.float32(2))
    assert (read_codes(tmp_path / "a.tif", SIZE, Place("a"))[0] == OBJECT * 2).all()


def test_numbers_of_classes_that_are_none_are_refused(tmp_path):
    coloured = png(tmp_path, rgba(RED, 255, GREEN).convert("RGB"))
    tifffile.imwrite(tmp_path / "a.tif", OBJECT * np.float32(0.9))
    for path, words in ((coloured, "is coloured"), (tmp_path / "a.tif", "not whole")):
        codes, (error,) = read_codes(path, SIZE, Place("a"))
        assert codes is None
        assert words in error.what


def _images(folder, names):
    (folder / "images").mkdir(parents=True)
    for name in names:
        Image.new("RGB", SIZE[::-1], (90, 20, 60)).save(folder / "images" / name)


def test_one_bad_mask_leaves_its_image_not_annotated_and_ends_nothing(tmp_path):
    _images(tmp_path, ["a.png", "b.png", "c.png"])
    for category, masks in {"disc": ["a", "b", "c"], "cup": ["a", "b", "c"]}.items():
        (tmp_path / "masks" / category).mkdir(parents=True)
        for name in masks:
            path = tmp_path / "masks" / category / f"{name}.png"
            Image.fromarray(GREY).save(path)
    REFUSED["no 0"][0].save(tmp_path / "masks" / "cup" / "b.png")
    turned = tmp_path / "masks" / "cup" / "c.png"
    Image.fromarray(np.rot90(GREY).copy()).save(turned, exif=noted(6))
    cohort = open_cohort(tmp_path)
    assert [one.instances is None for one in cohort.samples] == [False, True, False]
    assert [one.mask.area for one in cohort.samples[2].instances] == [400, 400]
    (error,) = [one for one in cohort.skipped if one.severity == "error"]
    assert "b.png" in error.what
    assert "not annotated" in error.hint
    assert set(cohort.skipped) <= set(check_cohort(tmp_path).findings)


def test_masks_that_a_table_names_follow_the_same_rule(tmp_path):
    _images(tmp_path, ["a.png", "b.png", "c.png"])
    (tmp_path / "masks").mkdir()
    PICTURES["grey"].save(tmp_path / "masks" / "a.png")
    WARNED["alpha of white"][0].save(tmp_path / "masks" / "b.png")
    REFUSED["no 0"][0].save(tmp_path / "masks" / "c.png")
    (tmp_path / "set.csv").write_text("image,mask\na.png,a.png\nb.png,b.png\nc.png,c.png\n")
    cohort = open_cohort(tmp_path / "set.csv")
    areas = [None if s.instances is None else s.instances[0].mask.area for s in cohort.samples]
    assert areas == [400, 400, None]
    said = " | ".join(map(str, cohort.skipped))
    assert "mask b.png has pixels that are transparent" in said
    assert "mask c.png holds 1 and 255, and no 0" in said


def test_a_number_that_no_class_has_leaves_the_image_not_annotated(tmp_path):
    _images(tmp_path, ["a.png", "b.png"])
    (tmp_path / "masks").mkdir()
    Image.fromarray(ONE).save(tmp_path / "masks" / "a.png")
    Image.fromarray(ONE + (np.arange(64) == 5).astype(np.uint8) * 7).save(tmp_path / "masks/b.png")
    (tmp_path / "set.csv").write_text("image,mask\na.png,a.png\nb.png,b.png\n")
    (tmp_path / "set.schema.json").write_text(json.dumps({"mask_classes": {"1": "disc"}}))
    cohort = open_cohort(tmp_path / "set.csv")
    assert [one.instances is None for one in cohort.samples] == [False, True]
    assert "holds the value 7" in str(cohort.skipped)
