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


def region(x, y, units=(3, 3)):
    ds = Dataset()
    ds.PhysicalUnitsXDirection, ds.PhysicalUnitsYDirection = units
    ds.PhysicalDeltaX, ds.PhysicalDeltaY = x, y
    return ds


def found(ds):
    spacing, _ = find_spacing(ds)
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
    spacing, notes = find_spacing(ds)
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
    spacing, notes = find_spacing(ds)
    assert ((spacing.row_mm, spacing.column_mm), spacing.origin) == ((0.2, 0.2), "detector")
    assert any(note.startswith("PixelSpacing is there but") for note in notes)


def test_empty_tags_count_as_missing():
    ds = header("CT")
    ds.PixelSpacing = None
    spacing, notes = find_spacing(ds)
    assert math.isnan(spacing.row_mm)
    assert notes == ("spacing: not stated",)


def test_magnification_is_noted_and_not_applied():
    ds = header("DX", ImagerPixelSpacing=(0.2, 0.2), EstimatedRadiographicMagnificationFactor=1.1)
    spacing, notes = find_spacing(ds)
    assert (spacing.row_mm, spacing.origin) == (0.2, "detector")
    assert "magnification: 1.1 stated, not applied" in notes


def test_ultrasound_regions_must_agree_and_measure_lengths():
    ds = header("US")
    ds.SequenceOfUltrasoundRegions = Sequence([region(0.02, -0.03), region(1, 1, units=(4, 7))])
    assert found(ds) == (pytest.approx((0.3, 0.2)), "calibrated")
    ds.SequenceOfUltrasoundRegions.append(region(0.05, 0.05))
    assert found(ds)[1] == "unknown"
