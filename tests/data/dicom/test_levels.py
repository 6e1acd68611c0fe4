"""Values looked up in a table are those that each pixel gives by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from polyclinic.data.dicom import levels
from polyclinic.data.dicom.decode import first_frame
from polyclinic.data.dicom.grey import show_grey
from polyclinic.data.dicom.levels import levels_of
from polyclinic.data.dicom.window import percentiles
from tests.data.dicom.made import dataset

KINDS = (np.uint8, np.int8, np.uint16, np.int16)
number = st.one_of(
    st.sampled_from([0, 1, -1, 0.5, -1024, 3.77, 1e300, 1e-300]),
    st.floats(-1e5, 1e5).map(lambda value: float(f"{value:.6g}")),
)


@st.composite
def images(draw):
    """(H, W) more pixels than values, some levels of which never occur."""
    kind = np.dtype(draw(st.sampled_from(KINDS)))
    ends = np.iinfo(kind)
    low = draw(st.integers(ends.min, ends.max))
    high = draw(st.integers(low, min(ends.max, low + draw(st.sampled_from([0, 3, 200, 5000])))))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    drawn = rng.beta(*draw(st.sampled_from([(1, 1), (0.2, 3), (8, 8)])), (67, 150))
    return (low + np.rint(drawn * (high - low))).astype(kind)


@st.composite
def shown(draw, array):
    """Tags that say how an image is looked at."""
    tags = {"PhotometricInterpretation": draw(st.sampled_from(["MONOCHROME1", "MONOCHROME2"]))}
    bits = array.dtype.itemsize * 8
    tags["BitsStored"] = stored = draw(st.integers(max(1, bits - 5), bits))
    tags["HighBit"] = draw(st.integers(stored - 1, bits - 1))
    if draw(st.booleans()):
        tags |= {"RescaleSlope": draw(number), "RescaleIntercept": draw(number)}
    how = draw(st.sampled_from(["none", "window", "table", "late table"]))
    if how == "window":
        tags |= {"WindowCenter": draw(number), "WindowWidth": draw(number)}
        tags["VOILUTFunction"] = draw(st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID"]))
    elif how != "none":
        tags["VOILUTSequence"] = [table(draw, 60000 if how == "late table" else None)]
    if draw(st.booleans()):
        first = draw(st.integers(0, 300))
        tags["ModalityLUTSequence"] = [table(draw, first)]
    return tags


def table(draw, first):
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    item = Dataset()
    first = draw(st.integers(0, 2000)) if first is None else first
    item.add_new("LUTDescriptor", "US", [300, first, 16])
    item.add_new("LUTData", "US", rng.integers(0, 65536, 300).tolist())
    return item


def same(one, other):
    if one is None or other is None:
        return one is other
    return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::UserWarning")
@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_table_gives_the_same_pixels(data):
    array = data.draw(images())
    ds = dataset(array, **data.draw(shown(array)))
    stored, _ = first_frame(ds)
    if data.draw(st.booleans()):
        ds.add_new("PixelPaddingValue", "SS", int(np.int16(stored[0, 0])))
        if data.draw(st.booleans()):
            ds.add_new("PixelPaddingRangeLimit", "SS", data.draw(st.integers(-300, 300)))
    kind = ds.PhotometricInterpretation
    try:
        plain = show_grey(ds, stored, kind, by_table=False)
    except OverflowError:  # a table that begins beyond what the type of the pixels holds
        with pytest.raises(OverflowError):
            show_grey(ds, stored, kind)
        return
    looked_up = show_grey(ds, stored, kind)
    assert same(looked_up.rgb, plain.rgb)
    assert same(looked_up.deep, plain.deep)
    assert same(looked_up.measure(), plain.measure())
    assert looked_up.done == plain.done


@given(images())
def test_counts_and_look_up(array):
    found = levels_of(array)
    assert found is not None
    values = found.values[0].astype(int)
    assert (np.diff(values) == 1).all()
    assert (values[0], values[-1]) == (array.min(), array.max())
    assert (found.counts()[0] == np.bincount(array.ravel().astype(int) - values[0])).all()
    double = (2 * (values - values[0])).astype(np.uint16)[None]
    assert (found.looked_up(double) == 2 * (array.astype(int) - values[0])).all()


def test_an_older_opencv_looks_up_alike(monkeypatch):
    array = np.tile(np.arange(-200, 100, dtype=np.int16), (9, 1))
    found = levels_of(array)
    table = np.arange(300, dtype=np.uint16)[None]
    fast = found.looked_up(table)
    monkeypatch.setattr(levels, "LOOKS_UP_16_BITS", False)
    assert (found.looked_up(table) == fast).all()


def test_few_pixels_wide_integers_and_floats_have_no_levels():
    assert levels_of(np.arange(12, dtype=np.uint16).reshape(3, 4)) is None
    assert levels_of(np.zeros((9, 9), np.int32)) is None
    assert levels_of(np.zeros((9, 9), np.float32)) is None


@settings(max_examples=300)
@given(
    st.sampled_from([np.uint8, np.int16, np.uint16, np.float64]),
    st.lists(st.tuples(st.integers(0, 255), st.integers(0, 400)), min_size=1, max_size=30),
    st.booleans(),
)
def test_percentiles_of_counted_values_are_those_of_numpy(kind, drawn, wide):
    values, counts = (np.array(one) for one in zip(*drawn, strict=True))
    if np.dtype(kind).itemsize > 1 and wide:
        values = values * 257 + np.iinfo(np.int16).min * (kind == np.int16)
    values = values.astype(kind)
    assert percentiles(values, counts) == percentiles(np.repeat(values, counts))
