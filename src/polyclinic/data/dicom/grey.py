"""Stored grey values to what was measured, and to what is looked at, at 8 and at 16 bits."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut

from polyclinic.data.dicom.decode import Stored
from polyclinic.data.dicom.levels import levels_of
from polyclinic.data.dicom.spacing import frame_group
from polyclinic.data.dicom.window import windowed


def rescaled(dataset: Dataset, stored: Stored) -> tuple[Stored, str]:
    """(H, W) modality values, and what was done (PS3.3, C.11.1).

    Enhanced objects keep slope and intercept with their frames. Where nothing changes, the very
    values that are stored come back.
    """
    if dataset.get("ModalityLUTSequence"):
        return apply_modality_lut(stored, dataset), "rescale: Modality LUT"
    source = dataset
    if "RescaleSlope" not in dataset:
        source = frame_group(dataset, "PixelValueTransformationSequence") or dataset
    slope, intercept = source.get("RescaleSlope"), source.get("RescaleIntercept")
    if slope is None or intercept is None:
        return stored, "rescale: none"
    if not (math.isfinite(slope) and math.isfinite(intercept)) or slope == 0:
        return stored, "rescale: slope or intercept is impossible, not applied"
    if slope == 1 and intercept == 0:
        return stored, "rescale: x 1 + 0"
    done = f"rescale: x {float(slope):g} + {float(intercept):g}"
    return apply_modality_lut(stored, source), done


_BAND = 64
"""Rows of a film that fit the cache."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Shown:
    """An image as it is looked at.

    Args:
        measure: makes the (H, W) modality values, or the (H, W, 3) colours.
        rgb: (H, W, 3), 8 bit.
        deep: (H, W) at 16 bits; see `DicomImage`.
        done: each step.
        doubts: what may make it look other than it is.
    """

    measure: Callable[[], Stored]
    rgb: NDArray[np.uint8]
    deep: NDArray[np.uint16] | None
    done: tuple[str, ...]
    doubts: tuple[str, ...] = ()


def show_grey(dataset: Dataset, stored: Stored, kind: str, *, by_table: bool = True) -> Shown:
    """Show (H, W) stored values.

    Args:
        dataset: the parsed file.
        stored: (H, W) as decoded.
        kind: MONOCHROME1 or MONOCHROME2.
        by_table: look values up where there are fewer of them than pixels; gives the same.
    """
    levels = levels_of(stored) if by_table else None
    seen = stored if levels is None else levels.values
    counts = None if levels is None else levels.counts
    measured, rescale = rescaled(dataset, seen)
    padding = _padding(dataset, seen)
    shown, window = windowed(dataset, measured, padding, counts, measured=measured is not seen)
    # In place: films have millions of pixels.
    np.clip(shown, 0, 1, out=shown)
    grey, done = _in_steps(shown, 255).astype(np.uint8), [rescale, window]
    if kind == "MONOCHROME1":
        grey = 255 - grey
        np.subtract(1, shown, out=shown)
        done.append("inverted: MONOCHROME1")
    if padding.any():
        shown[padding] = grey[padding] = 0
        done.append("padding: black, as it is outside of what was seen")
    # Pixels stored as floats state no bits.
    deep = _in_steps(shown, 65535) if int(dataset.get("BitsStored") or 64) > 8 else None
    if levels is None:
        rgb = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)
    else:
        rgb = levels.as_rgb(grey)
        deep = None if deep is None else levels.looked_up(deep)
    return Shown(
        measure=partial(_measured, stored, seen, measured),
        rgb=rgb,
        deep=deep,
        done=tuple(done),
    )


def _measured(stored: Stored, seen: Stored, measured: Stored) -> Stored:
    """(H, W) modality values, from those of what was seen: of the image, or of its levels."""
    if measured is seen:
        return stored if stored.flags.writeable else stored.copy()
    return measured if seen is stored else measured[0][stored.astype(np.intp) - int(seen[0, 0])]


def _in_steps(shown: NDArray[np.float64], top: int) -> NDArray[np.uint16]:
    """0 to 1 as whole numbers from 0 to `top`; band by band, as that stays in the cache."""
    steps = np.empty(shown.shape, np.uint16)
    for first in range(0, len(shown), _BAND):
        steps[first : first + _BAND] = np.rint(shown[first : first + _BAND] * top)
    return steps


def _padding(dataset: Dataset, stored: Stored) -> NDArray[np.bool_]:
    """(H, W), true where the machine saw nothing (PS3.3, C.7.5.1.1.2)."""
    kind = stored.dtype
    value = _as_stored(dataset.get("PixelPaddingValue"), kind)
    limit = _as_stored(dataset.get("PixelPaddingRangeLimit"), kind)
    if value is None:
        return np.zeros(stored.shape, bool)
    low, high = sorted((value, value if limit is None else limit))
    return np.asarray((stored >= low) & (stored <= high))


def _as_stored(value: object, kind: np.dtype[Any]) -> int | None:
    """A value in the type of the pixels: -2000 of signed ones may be declared as 63536."""
    if not isinstance(value, int):
        return None
    ends = np.iinfo(kind) if kind.kind in "iu" else None
    if ends is None or ends.bits > 16 or ends.min <= value <= ends.max:
        return value
    # It is a word of 16 bits, whatever sign its representation gives it.
    return int(np.array(value & 0xFFFF, np.uint16).astype(kind))
