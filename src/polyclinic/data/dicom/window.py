"""Modality values to how they are shown, 0 to 1.

The file's own VOI LUT or first window counts (PS3.3, C.11.2). Where there is none, 8-bit values
are shown as they are, and everything else between its percentiles 0.5 and 99.5, padding left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from polyclinic.data.dicom.decode import Stored
from polyclinic.data.dicom.spacing import frame_group

LOWER, UPPER = 0.5, 99.5


def percentiles(values: Stored, counts: NDArray[np.int64] | None = None) -> tuple[float, float]:
    """Percentiles `LOWER` and `UPPER`, or the ends where these are one; zeros of no values.

    Args:
        values: (N,) finite ones.
        counts: (N,) how often each occurs, zero also; None: once.
    """
    if counts is not None:
        values, counts = values[counts > 0], counts[counts > 0]
    if not len(values):
        return 0.0, 0.0
    low, high = np.percentile(values, [LOWER, UPPER]) if counts is None else _of(values, counts)
    if low == high:
        low, high = values.min(), values.max()
    return float(low), float(high)


def _of(values: Stored, counts: NDArray[np.int64]) -> Stored:
    """(2,) what `np.percentile` gives, to the last bit, of values that occur more than once.

    Source: definition 7 of Hyndman, Fan: Sample quantiles in statistical packages, 1996, with
    NumPy's way to interpolate, from the nearer end.
    """
    order = np.argsort(values, kind="stable")
    last = counts[order].cumsum() - 1
    places = last[-1] * np.true_divide([LOWER, UPPER], 100)
    before = np.floor(places)
    share = places - before
    rows = np.searchsorted(last, [before, np.minimum(before + 1, last[-1])])
    one, other = values[order][rows]
    # In the type of the values, as NumPy has it: a step may wrap round in 16 bits.
    step = other - one
    return np.where(share >= 0.5, other - step * (1 - share), one + step * share)


Shown = NDArray[np.float64]
Counts = Callable[[], NDArray[np.int64]]


def windowed(
    dataset: Dataset,
    values: Stored,
    padding: NDArray[np.bool_],
    counts: Counts | None = None,
    *,
    measured: bool = False,
) -> tuple[Shown, str]:
    """(H, W) values between 0 and 1, and what was done.

    Args:
        dataset: the parsed file.
        values: (H, W) modality values.
        padding: (H, W), true where the machine saw nothing.
        counts: gives (H, W) pixels that hold each value; None: one each.
        measured: the modality values are others than those that are stored.
    """
    table = dataset.get("VOILUTSequence")
    if table and _usable(table[0]):
        return _looked_up(table[0], values, padding, counts), "window: VOI LUT"
    source = dataset
    if "WindowCenter" not in dataset:
        source = frame_group(dataset, "FrameVOILUTSequence") or dataset
    windows = list(_windows(source))
    if windows:
        centre, width = windows[0]
        kind = str(source.get("VOILUTFunction") or "LINEAR").strip().upper()
        if _possible(centre, width, kind):
            said = f"window: {kind} centre {centre:g} width {width:g}"
            more = f", the first of {len(windows)}" if len(windows) > 1 else ""
            return _apply(values, centre, width, kind), said + more
    ignored = "the file's is impossible, " if windows else ""
    bits = None if measured else _display_bits(dataset)
    if bits is not None:
        return values / (2**bits - 1), f"window: {ignored}all {bits} bits as they are"
    kept = ~padding & np.isfinite(values)
    low, high = percentiles(values[kept], None if counts is None else counts()[kept])
    said = f"window: {ignored}percentiles {LOWER} to {UPPER}, {low:g} to {high:g}"
    return _stretched(values, low, high), said


def _windows(source: Dataset) -> Iterator[tuple[float, float]]:
    centres, widths = (_floats(source.get(name)) for name in ("WindowCenter", "WindowWidth"))
    yield from zip(centres, widths, strict=False)


def _floats(value: object) -> list[float]:
    if value is None or value == "":
        return []
    several = value if isinstance(value, list) or hasattr(value, "__iter__") else [value]
    try:
        return [float(str(one)) for one in several]
    except ValueError:
        return []


def _possible(centre: float, width: float, kind: str) -> bool:
    least = {"LINEAR": 1.0, "LINEAR_EXACT": 0.0, "SIGMOID": 0.0}.get(kind)
    if least is None or not (math.isfinite(centre) and math.isfinite(width)):
        return False
    return width >= least and width > 0


def _apply(values: Stored, centre: float, width: float, kind: str) -> Shown:
    """PS3.3, C.11.2.1.2.1 (LINEAR), C.11.2.1.3.1 (SIGMOID), C.11.2.1.3.2 (LINEAR_EXACT)."""
    if kind == "SIGMOID":
        power = np.clip(-4 * (values.astype(np.float64) - centre) / width, -700, 700)
        return np.asarray(1 / (1 + np.exp(power)))
    if kind == "LINEAR":
        centre, width = centre - 0.5, width - 1
    return _stretched(values, centre - width / 2, centre + width / 2)


def _stretched(values: Stored, low: float, high: float) -> Shown:
    """0 up to `low`, 1 above `high`, straight between; NaN is 0."""
    shown, span = values.astype(np.float64), high - low
    if span <= 0:
        return (shown > high).astype(np.float64)
    # In place: films have millions of pixels.
    shown -= low
    shown /= span
    if np.issubdtype(values.dtype, np.floating):
        np.nan_to_num(shown, copy=False, nan=0)
    return np.clip(shown, 0, 1, out=shown)


def _display_bits(dataset: Dataset) -> int | None:
    """Bits of stored values that are meant to be looked at as they are; None of others."""
    bits = int(dataset.get("BitsStored") or 0)
    unsigned = not int(dataset.get("PixelRepresentation") or 0)
    return bits if unsigned and 1 <= bits <= 8 and "PixelData" in dataset else None


def _usable(item: Dataset) -> bool:
    return "LUTData" in item and len(item.get("LUTDescriptor") or ()) == 3


def _looked_up(
    item: Dataset, values: Stored, padding: NDArray[np.bool_], counts: Counts | None
) -> Shown:
    """Values through a table, its ends beyond its ends (PS3.3, C.11.2.1.1).

    Written here because pydicom's `apply_voi` counts rows of an 8-bit table in 8 bits.
    """
    _, first, bits = (int(one) for one in item.LUTDescriptor)
    data = item.LUTData
    table = np.frombuffer(data, "<u2") if isinstance(data, bytes) else np.asarray(data)
    if first > 2**15:
        held = values[~padding] if counts is None else values[~padding & (counts() > 0)]
        if held.min(initial=0) < 0:
            first -= 2**16  # a signed number that the file keeps unsigned
    rows = np.rint(np.nan_to_num(values)).astype(np.int64) - first
    top = 2 ** (bits if 8 <= bits <= 16 else 16) - 1
    return (table[rows.clip(0, len(table) - 1)] / top).clip(0, 1)
