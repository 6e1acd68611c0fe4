"""The physical size of a pixel, by the tags of the standard, in a stated order.

The first that is there and possible counts:

1. Pixel Spacing with a Pixel Spacing Calibration Type: `calibrated`.
2. The regions of an ultrasound image, where all that measure lengths agree: `calibrated`.
3. Pixel Spacing, also of the shared or first frame of an enhanced image. In cross sections it lies
   in the imaged plane: `calibrated`. In projections it is the detector's, unless Imager Pixel
   Spacing says something else: then it was corrected, and is `calibrated` (PS3.3, 10.7.1.3).
4. Imager Pixel Spacing, then Nominal Scanned Pixel Spacing: `detector`.

Magnification is noted and never applied.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset

from polyclinic.data.dicom.frames import frame_group
from polyclinic.sample import Spacing, SpacingOrigin

IN_PLANE = frozenset({"CT", "MR", "PT", "NM", "US", "IVUS", "OCT", "OPT", "SM", "SEG", "RTDOSE"})
"""Modalities whose Pixel Spacing lies in the imaged plane; all others may be magnified."""

_SAME = 1e-3
_CM = 3
"""Physical units of an ultrasound region that mean centimetres (PS3.3, C.8.5.5.1.15)."""

Pair = tuple[float, float]


@dataclass(frozen=True)
class _Candidate:
    tag: str
    sizes: Pair
    origin: SpacingOrigin


def find_spacing(header: Dataset) -> tuple[Spacing, tuple[str, ...]]:
    """The size of a pixel with its origin, and notes on how it was found."""
    notes = [
        f"{name} is there but no pair of positive numbers, left aside"
        for name in ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
        if header.get(name) not in (None, "") and _pair(header, name) is None
    ]
    notes += _magnification(header)
    found = next(_candidates(header), None)
    if found is None:
        return Spacing.unknown(), (*notes, "spacing: not stated")
    row, column = found.sizes
    spacing = Spacing(row_mm=row, column_mm=column, origin=found.origin)
    said = f"spacing: {row:g} x {column:g} mm ({found.origin}), from {found.tag}"
    return spacing, (*notes, said)


def _candidates(header: Dataset) -> Iterator[_Candidate]:
    plain, imager = _pixel_spacing(header), _pair(header, "ImagerPixelSpacing")
    calibration = str(header.get("PixelSpacingCalibrationType") or "").strip()
    if plain is not None and calibration in ("GEOMETRY", "FIDUCIAL"):
        yield _Candidate(f"PixelSpacing, {calibration}", plain, "calibrated")
    regions = _ultrasound(header)
    if regions is not None:
        yield _Candidate("SequenceOfUltrasoundRegions", regions, "calibrated")
    if plain is not None:
        in_plane = str(header.get("Modality") or "") in IN_PLANE
        corrected = imager is not None and not _alike(plain, imager)
        yield _Candidate(
            "PixelSpacing", plain, "calibrated" if in_plane or corrected else "detector"
        )
    if imager is not None:
        yield _Candidate("ImagerPixelSpacing", imager, "detector")
    scanned = _pair(header, "NominalScannedPixelSpacing")
    if scanned is not None:
        yield _Candidate("NominalScannedPixelSpacing", scanned, "detector")


def _pixel_spacing(header: Dataset) -> Pair | None:
    own = _pair(header, "PixelSpacing")
    if own is not None:
        return own
    measures = frame_group(header, "PixelMeasuresSequence")
    return None if measures is None else _pair(measures, "PixelSpacing")


def _pair(header: Dataset, name: str) -> Pair | None:
    """(row, column) in mm; None where the tag is missing, or impossible."""
    value = header.get(name)
    try:
        row, column = (float(one) for one in value or ())
    except (TypeError, ValueError):
        return None
    return (row, column) if _possible(row) and _possible(column) else None


def _possible(mm: float) -> bool:
    return math.isfinite(mm) and mm > 0


def _alike(one: Pair, other: Pair) -> bool:
    return all(math.isclose(a, b, rel_tol=_SAME) for a, b in zip(one, other, strict=True))


def _ultrasound(header: Dataset) -> Pair | None:
    """(row, column) in mm where all regions that measure lengths in both directions agree."""
    sizes = []
    for region in header.get("SequenceOfUltrasoundRegions") or ():
        units = region.get("PhysicalUnitsXDirection"), region.get("PhysicalUnitsYDirection")
        if units != (_CM, _CM):
            continue
        try:
            column, row = (
                abs(float(region.get(f"PhysicalDelta{axis}") or 0)) * 10 for axis in "XY"
            )
        except (TypeError, ValueError):
            continue
        if _possible(row) and _possible(column):
            sizes.append((row, column))
    return sizes[0] if sizes and all(_alike(sizes[0], one) for one in sizes) else None


def _magnification(header: Dataset) -> Iterator[str]:
    factor = header.get("EstimatedRadiographicMagnificationFactor")
    if factor not in (None, ""):
        yield f"magnification: {_shown(factor)} stated, not applied"


def _shown(value: object) -> str:
    try:
        return f"{float(str(value)):g}"
    except ValueError:
        return "something that is no number"
