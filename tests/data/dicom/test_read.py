from __future__ import annotations

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels import apply_windowing
from pydicom.uid import (
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)

from polyclinic.data.dicom import is_dicom, read_dicom
from polyclinic.data.dicom.window import windowed
from tests.data.dicom.made import dataset, ramp, saved


def read(tmp_path, array, **tags):
    return read_dicom(saved(tmp_path / "film.dcm", array, **tags))


def table(values, first=0, bits=16):
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [len(values), first, bits])
    item.add_new("LUTData", "US", list(values))
    return item


def test_12_in_16_bits(tmp_path):
    values = ramp()
    image = read(tmp_path, values, BitsStored=12, HighBit=11)
    assert (image.pixels == values).all()
    assert image.rgb[0, 0].tolist() == [0, 0, 0]
    assert image.rgb[-1, -1].tolist() == [255, 255, 255]


def test_overlays_in_unused_bits_are_cut_off(tmp_path):
    values = ramp()
    overlaid = values | np.uint16(0xF000)
    assert (read(tmp_path, overlaid, BitsStored=12, HighBit=11).pixels == values).all()
    left = (values << 4).astype(np.uint16)
    assert (read(tmp_path, left, BitsStored=12, HighBit=15).pixels == values).all()


WAVELETS = (64, 96)
"""Sides that JPEG 2000 can halve as often as its encoder wants to."""


def packed(tmp_path, array, syntax=None, **tags):
    """Read what was packed with all bits of the words, and then said to have fewer."""
    ds = dataset(array)
    if syntax is not None:
        ds.compress(syntax)
    for name, value in tags.items():
        if name == "OverlayBitPosition":
            ds.add_new(0x60000102, "US", value)
        else:
            setattr(ds, name, value)
    ds.save_as(tmp_path / "film.dcm", enforce_file_format=True)
    return read_dicom(tmp_path / "film.dcm")


@pytest.mark.parametrize("syntax", [None, RLELossless, JPEG2000Lossless])
@pytest.mark.parametrize("declared", [True, False])
def test_overlays_are_cut_off_however_pixels_are_packed(tmp_path, syntax, declared):
    values = ramp(shape=WAVELETS)
    tags = {"BitsStored": 12, "HighBit": 11, "WindowCenter": 2048, "WindowWidth": 4096}
    plain = packed(tmp_path, values, syntax, **tags)
    if declared:  # the overlay of group 6000 lies in bit 12 of the pixels (PS3.3, C.9.2)
        tags["OverlayBitPosition"] = 12
    image = packed(
        tmp_path, values | (np.eye(*WAVELETS) * 0x1000).astype(np.uint16), syntax, **tags
    )
    assert (image.pixels == values).all()
    assert (image.rgb == plain.rgb).all()
    assert plain.doubts == ()
    assert len(image.doubts) == (0 if declared else 1)
    assert all("more than the 12 bits" in doubt for doubt in image.doubts)


def test_signed_jpeg_2000_of_12_bits_keeps_its_sign(tmp_path):
    values = ramp(np.int16, 4095, WAVELETS) - np.int16(2048)
    image = packed(tmp_path, values, JPEG2000Lossless, BitsStored=12, HighBit=11)
    assert (image.pixels == values).all()
    assert image.doubts == ()


def test_signed_12_bits_without_sign_extension(tmp_path):
    values = ramp(np.int16, 4095) - np.int16(2048)
    unextended = (values & 0x0FFF).astype(np.int16)
    assert (read(tmp_path, unextended, BitsStored=12, HighBit=11).pixels == values).all()


@pytest.mark.parametrize(("slope", "intercept"), [(1, -1024), (-2, 100), (0.5, 0), (3.77, -1e-5)])
def test_rescale(tmp_path, slope, intercept):
    values = ramp(np.int16, 3000) - np.int16(900)
    image = read(tmp_path, values, RescaleSlope=slope, RescaleIntercept=intercept)
    assert np.allclose(image.pixels, values * slope + intercept)
    assert image.pixels.min() < 0
    brightest = image.rgb[..., 0].ravel()[image.pixels.argmax()]
    assert brightest == 255


def test_an_impossible_slope_is_not_applied(tmp_path):
    image = read(tmp_path, ramp(), RescaleSlope=0, RescaleIntercept=5)
    assert (image.pixels == ramp()).all()
    assert "rescale: slope or intercept is impossible, not applied" in image.steps


def test_modality_lut(tmp_path):
    values = ramp(np.uint8, 9)
    item = table(range(1000, 1010))
    item.ModalityLUTType = "US"
    assert (read(tmp_path, values, ModalityLUTSequence=[item]).pixels == values + 1000.0).all()


@pytest.mark.parametrize("kind", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize(("centre", "width"), [(2000, 1000), (0, 2), (-300, 9000), (4095, 1)])
def test_windows_agree_with_pydicom(tmp_path, kind, centre, width):
    tags = {"WindowCenter": centre, "WindowWidth": width, "VOILUTFunction": kind}
    ds = dataset(ramp(), BitsStored=12, HighBit=11, **tags)
    shown, said = windowed(ds, ramp(), np.zeros((20, 30), bool))
    with np.errstate(over="ignore"):
        wanted = apply_windowing(ramp(), ds) / 4095
    assert np.allclose(shown, wanted, atol=1e-9)
    assert said == f"window: {kind} centre {centre} width {width}"


def test_the_first_window_counts(tmp_path):
    image = read(tmp_path, ramp(), WindowCenter=[100, 3000], WindowWidth=[50, 60])
    assert "window: LINEAR centre 100 width 50, the first of 2" in image.steps


@pytest.mark.parametrize("tags", [{"WindowWidth": 0}, {"WindowWidth": 9, "VOILUTFunction": "ODD"}])
def test_impossible_windows_are_left_aside(tmp_path, tags):
    image = read(tmp_path, ramp(), WindowCenter=100, **tags)
    assert any("the file's is impossible, percentiles" in step for step in image.steps)


def test_without_a_window_percentiles_count_and_padding_does_not(tmp_path):
    values = ramp(np.int16, 3000)
    values[:, :10] = -2000
    image = read(tmp_path, values, PixelPaddingValue=-2000)
    low, high = np.percentile(values[:, 10:], [0.5, 99.5])
    assert f"window: percentiles 0.5 to 99.5, {low:g} to {high:g}" in image.steps
    wanted = np.rint(((values - low) / (high - low)).clip(0, 1) * 255)
    assert (image.rgb[..., 0] == wanted).all()


@pytest.mark.parametrize("kind", ["SS", "US"])
@pytest.mark.parametrize("limit", [None, -1900])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("window", [{}, {"WindowCenter": 1500, "WindowWidth": 3000}])
def test_padding_never_moves_the_window_and_is_black(tmp_path, kind, limit, photometric, window):
    values = ramp(np.int16, 3000)
    plain = read(tmp_path, values[:, 10:].copy(), PhotometricInterpretation=photometric, **window)
    values[:, :10] = -2000
    values[:5, :10] = -1950 if limit else -2000
    ds = dataset(values, PhotometricInterpretation=photometric, **window)
    for name, value in (("PixelPaddingValue", -2000), ("PixelPaddingRangeLimit", limit)):
        if value is not None:
            ds.add_new(name, kind, value % 2**16 if kind == "US" else value)
    ds.save_as(tmp_path / "padded.dcm", enforce_file_format=True)
    image = read_dicom(tmp_path / "padded.dcm")
    assert (image.rgb[:, 10:] == plain.rgb).all()
    assert (image.rgb[:, :10] == 0).all()
    assert (image.deep[:, :10] == 0).all()
    assert image.pixels[-1, 0] == -2000
    assert [step for step in image.steps if step.startswith("window")] == [plain.steps[2]]


def test_padding_of_unsigned_pixels_may_be_declared_with_a_sign(tmp_path):
    values = ramp(np.uint16, 3000)
    values[:, :10] = 63536
    ds = dataset(values)
    ds.add_new("PixelPaddingValue", "SS", -2000)
    ds.save_as(tmp_path / "padded.dcm", enforce_file_format=True)
    image = read_dicom(tmp_path / "padded.dcm")
    plain = read(tmp_path, values[:, 10:].copy())
    assert (image.rgb[:, 10:] == plain.rgb).all()
    assert image.rgb[:, :10].max() == 0


def test_padding_beside_a_late_voi_lut_does_not_turn_its_sign(tmp_path):
    values = ramp(np.int16, 600)
    item = table(np.linspace(0, 65535, 601).round().astype(int).tolist())
    plain = read(tmp_path, values, VOILUTSequence=[item])
    padded = np.concatenate([values, np.full((20, 5), -2000, np.int16)], axis=1)
    image = read(tmp_path, padded, VOILUTSequence=[item], PixelPaddingValue=-2000)
    assert (image.rgb[:, :30] == plain.rgb).all()


UNCHANGED = {"RescaleSlope": 1, "RescaleIntercept": 0}


@pytest.mark.parametrize("rescale", [{}, UNCHANGED, {"RescaleSlope": "1.0"}])
def test_8_bits_without_a_window_stay_as_they_are(tmp_path, rescale):
    values = ramp(np.uint8, 180)
    image = read(tmp_path, values, **rescale)
    assert (image.rgb == values[..., None]).all()
    assert (image.pixels == values).all()


def test_8_bits_that_frames_rescale_are_measured_values(tmp_path):
    groups, rescale = Dataset(), Dataset()
    rescale.RescaleSlope, rescale.RescaleIntercept = 10, -1000
    groups.PixelValueTransformationSequence = [rescale]
    tags = {"SharedFunctionalGroupsSequence": [groups], "Modality": "MR"}
    image = read(tmp_path, ramp(np.uint8, 255), **tags)
    assert any("percentiles" in step for step in image.steps)
    assert image.rgb.min() == 0
    assert image.rgb.max() == 255
    assert len(np.unique(image.rgb)) > 200


@pytest.mark.parametrize("value", [0, 7, 65535])
def test_a_constant_image_is_read(tmp_path, value):
    rgb = read(tmp_path, np.full((16, 16), value, np.uint16)).rgb
    assert rgb.min() == rgb.max()


@pytest.mark.parametrize("bits", [8, 16])
def test_voi_lut_with_ends_beyond_its_ends(tmp_path, bits):
    top = 2**bits - 1
    entries = np.linspace(0, top, 1001).round().astype(int).tolist()
    image = read(tmp_path, ramp(), VOILUTSequence=[table(entries, first=1000, bits=bits)])
    wanted = np.array(entries)[(ramp().astype(int) - 1000).clip(0, 1000)]
    assert (image.rgb[..., 0] == np.rint(wanted / top * 255)).all()
    assert "window: VOI LUT" in image.steps


@pytest.mark.parametrize("window", [{}, {"WindowCenter": 2000, "WindowWidth": 1500}])
def test_monochrome1_is_the_inverse_of_monochrome2(tmp_path, window):
    plain = read(tmp_path, ramp(), **window)
    inverse = read(tmp_path, ramp(), PhotometricInterpretation="MONOCHROME1", **window)
    assert (inverse.rgb == 255 - plain.rgb).all()
    assert (inverse.pixels == plain.pixels).all()
    assert "inverted: MONOCHROME1" in inverse.steps


COLOURS = np.random.default_rng(0).integers(0, 256, (16, 24, 3)).astype(np.uint8)


def test_rgb(tmp_path):
    assert (read(tmp_path, COLOURS).rgb == COLOURS).all()


def test_planar_rgb(tmp_path):
    planes = np.ascontiguousarray(COLOURS.transpose(2, 0, 1))
    image = read(tmp_path, COLOURS, PlanarConfiguration=1, PixelData=planes.tobytes())
    assert (image.rgb == COLOURS).all()


@pytest.mark.parametrize(
    ("stated", "word", "factor", "doubts"),
    [(8, "u1", 1, 0), (8, "<u2", 1, 0), (8, "<u2", 257, 0), (16, "<u2", 257, 0), (16, "<u2", 1, 1)],
)
@pytest.mark.parametrize("top", [255, 40])
def test_palettes_are_as_deep_as_their_entries_however_dark_the_image(
    tmp_path, stated, word, factor, doubts, top
):
    values, entries = ramp(np.uint8, top), (np.arange(256) * factor).astype(word).tobytes()
    tags = {"PhotometricInterpretation": "PALETTE COLOR"}
    for colour in ("Red", "Green", "Blue"):
        tags[f"{colour}PaletteColorLookupTableDescriptor"] = [256, 0, stated]
        tags[f"{colour}PaletteColorLookupTableData"] = entries
    image = read(tmp_path, values, **tags)
    assert (image.rgb == values[..., None]).all()
    assert len(image.doubts) == doubts


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("BurnedInAnnotation", "burned-in annotation"),
        ("RecognizableVisualFeatures", "recognizable visual features"),
    ],
)
def test_what_is_drawn_into_the_pixels_is_a_doubt(tmp_path, name, said):
    (doubt,) = read(tmp_path, ramp(), **{name: "YES"}).doubts
    assert doubt.startswith(said)
    assert read(tmp_path, ramp(), **{name: "NO"}).doubts == ()


def test_16_bit_rgb(tmp_path):
    assert (read(tmp_path, COLOURS.astype(np.uint16) * 257).rgb == COLOURS).all()


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, RLELossless])
def test_transfer_syntaxes(tmp_path, syntax):
    ds = dataset(ramp())
    if syntax.is_compressed:
        ds.compress(syntax)
    else:
        ds.file_meta.TransferSyntaxUID = syntax
    ds.save_as(tmp_path / "film", enforce_file_format=True)
    assert (read_dicom(tmp_path / "film").pixels == ramp()).all()


def test_big_endian(tmp_path):
    values = ramp()
    image = read(
        tmp_path, values, syntax=ExplicitVRBigEndian, PixelData=values.byteswap().tobytes()
    )
    assert (image.pixels == values).all()
    assert image.pixels.dtype.isnative


def test_without_preamble_and_meta(tmp_path):
    ds = dataset(ramp())
    path = tmp_path / "bare"
    with path.open("wb") as file:
        body = saved(tmp_path / "film.dcm", ramp()).read_bytes()
        start = body.index(b"\x08\x00\x16\x00UI")
        file.write(body[start:])
    assert is_dicom(path)
    image = read_dicom(path)
    assert (image.pixels == np.frombuffer(ds.PixelData, np.uint16).reshape(20, 30)).all()
    assert any(step.startswith("transfer syntax: not stated") for step in image.steps)


def test_the_first_of_several_frames_is_read_and_their_number_told(tmp_path):
    frames = np.stack([ramp(), ramp() // 2, ramp() // 3])
    image = read(tmp_path, frames[0], NumberOfFrames=3, PixelData=frames.tobytes())
    assert image.frames == 3
    assert (image.pixels == frames[0]).all()
    assert "frames: the first of 3" in image.steps


def test_steps_are_in_order(tmp_path):
    image = read(
        tmp_path,
        ramp(),
        PhotometricInterpretation="MONOCHROME1",
        RescaleSlope=1,
        RescaleIntercept=-5,
        WindowCenter=9,
        WindowWidth=5,
        PatientOrientation=["L", "F"],
    )
    kinds = [step.split(":")[0] for step in image.steps]
    assert kinds == ["decode", "rescale", "window", "inverted", "spacing", "orientation"]
    assert image.orientation == ("L", "F")
    assert image.steps[-1] == "orientation: L and F, not applied"


@pytest.mark.parametrize("stated", [["Quixote", "F"], "Alonso", ["L", "Fibula"]])
@pytest.mark.filterwarnings("ignore:Invalid value")
def test_an_orientation_that_is_none_says_nothing(tmp_path, stated):
    image = read(tmp_path, ramp(), PatientOrientation=stated)
    assert image.orientation == ()
    assert not any("orientation" in step for step in image.steps)


def test_enhanced_objects_keep_rescale_window_and_spacing_with_their_frames(tmp_path):
    groups, rescale, window, measures = Dataset(), Dataset(), Dataset(), Dataset()
    rescale.RescaleSlope, rescale.RescaleIntercept = 2, -100
    window.WindowCenter, window.WindowWidth = 300, 400
    measures.PixelSpacing = [0.5, 0.25]
    groups.PixelValueTransformationSequence = [rescale]
    groups.FrameVOILUTSequence = [window]
    groups.PixelMeasuresSequence = [measures]
    tags = {"SharedFunctionalGroupsSequence": [groups], "Modality": "MR"}
    image = read(tmp_path, ramp(), **tags)
    assert (image.pixels == ramp() * 2.0 - 100).all()
    assert "window: LINEAR centre 300 width 400" in image.steps
    assert (image.spacing.row_mm, image.spacing.column_mm) == (0.5, 0.25)
    assert image.spacing.origin == "calibrated"


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_deep_pixels_are_those_that_are_shown(tmp_path, photometric):
    path = saved(
        tmp_path / "a.dcm",
        ramp(),
        PhotometricInterpretation=photometric,
        WindowCenter=2000,
        WindowWidth=1000,
    )
    image = read_dicom(path)
    assert image.deep.dtype == np.uint16
    assert (image.deep.min(), image.deep.max()) == (0, 65535)
    assert (np.abs(image.deep / 257 - image.rgb[..., 0]) <= 0.5 + 1e-9).all()


def test_8_bits_have_no_deep_pixels_and_the_dark_are_kept(tmp_path):
    assert read_dicom(saved(tmp_path / "a.dcm", ramp(np.uint8, 255))).deep is None
    dark = saved(tmp_path / "b.dcm", ramp(), WindowCenter=40_000, WindowWidth=60_000)
    assert read_dicom(dark).deep.dtype == np.uint16
