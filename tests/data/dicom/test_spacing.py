from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from polyclinic.data.dicom.spacing import IN_PLANE, find_spacing

SIZE = st.sampled_from([0.1, 0.143, 0.3, 1.0, 2.5])
PAIR = st.tuples(SIZE, SIZE)
MAYBE = st.none() | PAIR
MODALITY = st.sampled_from(["CR", "DX", "MG", "XA", "OT", "CT", "MR", "US", ""])


def header(modality="", **tags):
    ds = Dataset()
    ds.Modality = modality
    for name, value in tags.items():
        if value is not None:
            setattr(ds, name, list(value) if isinstance(value, tuple) else value)
    return ds


def region(x, y, units=(3, 3), **tags):
    ds = Dataset()
    ds.PhysicalUnitsXDirection, ds.PhysicalUnitsYDirection = units
    ds.PhysicalDeltaX, ds.PhysicalDeltaY = x, y
    for name, value in tags.items():
        setattr(ds, name, value)
    return ds


def found(ds):
    spacing = find_spacing(ds).spacing
    return (spacing.row_mm, spacing.column_mm), spacing.origin


@given(
    modality=MODALITY,
    plain=MAYBE,
    imager=MAYBE,
    scanned=MAYBE,
    calibration=st.sampled_from([None, "GEOMETRY", "FIDUCIAL"]),
    regions=st.booleans(),
)
def test_the_order_of_the_tags(modality, plain, imager, scanned, calibration, regions):
    ds = header(
        modality,
        PixelSpacing=plain,
        ImagerPixelSpacing=imager,
        NominalScannedPixelSpacing=scanned,
        PixelSpacingCalibrationType=calibration,
    )
    if regions:
        ds.SequenceOfUltrasoundRegions = Sequence([region(0.02, 0.04)])
    found = find_spacing(ds)
    spacing, notes = found.spacing, found.notes
    sizes = (spacing.row_mm, spacing.column_mm)
    if plain and calibration:
        assert (sizes, spacing.origin) == (plain, "calibrated")
    elif regions:
        assert sizes == pytest.approx((0.4, 0.2))
        assert spacing.origin == "calibrated"
    elif plain:
        corrected = imager is not None and imager != plain
        assert sizes == plain
        assert (spacing.origin == "calibrated") == (modality in IN_PLANE or corrected)
    elif imager or scanned:
        assert (sizes, spacing.origin) == (imager or scanned, "detector")
    else:
        assert not spacing.known
        assert notes == ("spacing: not stated",)


@pytest.mark.parametrize("wrong", [(0.0, 0.0), (-1.0, 1.0), (0.1, 0.0), 0.2, (1.0, 1.0, 1.0)])
def test_impossible_sizes_are_noted_and_the_next_tag_counts(wrong):
    ds = header("CR", PixelSpacing=wrong, ImagerPixelSpacing=(0.2, 0.2))
    found = find_spacing(ds)
    spacing, notes = found.spacing, found.notes
    assert ((spacing.row_mm, spacing.column_mm), spacing.origin) == ((0.2, 0.2), "detector")
    assert any(note.startswith("PixelSpacing is there but") for note in notes)


def test_empty_tags_count_as_missing():
    ds = header("CT")
    ds.PixelSpacing = None
    found = find_spacing(ds)
    spacing, notes = found.spacing, found.notes
    assert math.isnan(spacing.row_mm)
    assert notes == ("spacing: not stated",)


def test_magnification_is_noted_and_not_applied():
    ds = header("DX", ImagerPixelSpacing=(0.2, 0.2), EstimatedRadiographicMagnificationFactor=1.1)
    found = find_spacing(ds)
    spacing, notes = found.spacing, found.notes
    assert (spacing.row_mm, spacing.origin) == (0.2, "detector")
    assert "magnification: 1.1 stated, not applied" in notes


PLANE, M_MODE, SPECTRAL, WAVE, GRAPHICS = ({"RegionSpatialFormat": one} for one in range(1, 6))


@pytest.mark.parametrize(
    "regions",
    [
        [region(0.02, -0.03)],
        [region(0.02, 0.03, **PLANE), region(0.02, 0.03, **PLANE)],
        [region(0.02, 0.03, **PLANE), region(1, 1, units=(4, 7), **WAVE)],
        [region(0.02, 0.03, **PLANE), region(1, 1, units=(0, 0), **GRAPHICS)],
        [region(0.02, 0.03, **PLANE), region(0, 0, units=(0, 0), RegionDataType=13)],
    ],
)
def test_ultrasound_regions_that_agree_give_the_scale(regions):
    ds = header("US", SequenceOfUltrasoundRegions=Sequence(regions))
    assert found(ds) == (pytest.approx((0.3, 0.2)), "calibrated")
    assert find_spacing(ds).doubts == ()


@pytest.mark.parametrize(
    "regions",
    [
        [region(0.02, 0.02, **PLANE), region(0.04, 0.04, **PLANE)],
        [region(0.02, 0.02), region(0.02, 0.04)],
        [region(0.02, 0.02, **PLANE), region(1, 1, units=(4, 7))],
        [region(0.02, 0.02, **PLANE), region(0.005, 0.02, units=(4, 3), **M_MODE)],
        [region(0.005, 0.02, units=(4, 3), **M_MODE)],
        [region(0.02, 0.02, **M_MODE)],
        [region(0.005, 0.5, units=(4, 7), **SPECTRAL)],
        [region(0.02, 0.02, **PLANE), region(0.02, 0.02, units=(0, 0), **PLANE)],
        [region(0.0, 0.02, **PLANE)],
    ],
)
@pytest.mark.parametrize("calibration", [None, "GEOMETRY"])
def test_ultrasound_regions_that_disagree_leave_no_scale_whatever_else_is_stated(
    regions, calibration
):
    ds = header(
        "US",
        SequenceOfUltrasoundRegions=Sequence(regions),
        PixelSpacing=(0.2, 0.2),
        PixelSpacingCalibrationType=calibration,
    )
    assert found(ds)[1] == "unknown"
    assert any(doubt.startswith("no one scale: ") for doubt in find_spacing(ds).doubts)


def test_a_pixel_spacing_that_contradicts_the_regions_is_a_doubt():
    ds = header("US", PixelSpacing=(0.5, 0.5))
    ds.SequenceOfUltrasoundRegions = Sequence([region(0.02, 0.02)])
    assert found(ds) == (pytest.approx((0.2, 0.2)), "calibrated")
    (doubt,) = find_spacing(ds).doubts
    assert doubt.startswith("PixelSpacing says 0.5 x 0.5 mm, ultrasound regions 0.2 x 0.2 mm")


@pytest.mark.parametrize(
    ("modality", "kind", "origin"),
    [
        ("CT", ["ORIGINAL", "PRIMARY", "LOCALIZER"], "detector"),
        ("CT", ["ORIGINAL", "PRIMARY", "AXIAL"], "calibrated"),
        ("CT", None, "calibrated"),
        ("MR", ["ORIGINAL", "PRIMARY", "LOCALIZER"], "calibrated"),
    ],
)
def test_the_scout_of_a_ct_is_a_projection(modality, kind, origin):
    ds = header(modality, PixelSpacing=(1, 1), ImageType=kind)
    assert found(ds) == ((1, 1), origin)


@pytest.mark.parametrize(
    ("ratio", "spacing", "doubts"),
    [
        (("2", "1"), None, 1),
        (("1", "1"), None, 0),
        (("2", "1"), (0.4, 0.2), 0),
        (("2", "1"), (0.2, 0.2), 1),
        (("0", "1"), None, 0),
    ],
)
def test_an_aspect_ratio_that_no_scale_bears_out_is_a_doubt(ratio, spacing, doubts):
    ds = header("US", PixelAspectRatio=ratio, PixelSpacing=spacing)
    said = find_spacing(ds).doubts
    assert len(said) == doubts
    assert all("not square, 2 high to 1 wide" in one or "2:1 contra" in one for one in said)
