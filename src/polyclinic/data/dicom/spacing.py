"""The physical size of a pixel, by the tags of the standard, in a stated order.

The first that is there and possible counts:

1. Pixel Spacing with a Pixel Spacing Calibration Type: `calibrated`.
2. The regions of an ultrasound image, where all that show something agree: `calibrated`.
3. Pixel Spacing, also of the shared or first frame of an enhanced image. In cross sections it lies
   in the imaged plane: `calibrated`. In projections it is the detector's, unless Imager Pixel
   Spacing says something else: then it was corrected, and is `calibrated` (PS3.3, 10.7.1.3).
4. Imager Pixel Spacing, then Nominal Scanned Pixel Spacing: `detector`.

Where ultrasound regions do not agree, or one runs over time or speed (M-mode, spectral Doppler),
the image has no one scale: it is unknown, whatever the other tags say. Where a CT scanner made a
projection (LOCALIZER), Pixel Spacing is the detector's. Magnification and Pixel Aspect Ratio are
noted and never applied.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset

from polyclinic.sample import Spacing, SpacingOrigin


def frame_group(header: Dataset, name: str) -> Dataset | None:
    """A functional group of the first frame, else the one shared by all frames (PS3.3, C.7.6.16).

    Args:
        header: the data set.
        name: keyword of the group's sequence, such as `PixelMeasuresSequence`.
    """
    for groups in ("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence"):
        frames = header.get(groups)
        group = frames[0].get(name) if frames else None
        if group:
            item: Dataset = group[0]
            return item
    return None


IN_PLANE = frozenset({"CT", "MR", "PT", "NM", "US", "IVUS", "OCT", "OPT", "SM", "SEG", "RTDOSE"})
"""Modalities whose Pixel Spacing lies in the imaged plane; all others may be magnified."""

_SAME = 1e-3
_ROUNDED = 0.01
"""Aspect ratios are pairs of whole numbers, often small ones."""
_CM = 3
"""Physical units of an ultrasound region that mean centimetres (PS3.3, C.8.5.5.1.15)."""
_BESIDE_IMAGE = (4, 5)
"""Spatial formats of regions that lie beside or over the image: wave forms and graphics
(PS3.3, C.8.5.5.1.1)."""
_BARS = range(0xA, 0xF)
"""Data types of regions that do so: traces of the heart and bars of grey or colour
(PS3.3, C.8.5.5.1.2)."""
_IN_TWO_DIRECTIONS = (0, 1)
"""Spatial formats of regions that may show a plane: none stated, and 2D."""

Pair = tuple[float, float]


@dataclass(frozen=True)
class _Candidate:
    tag: str
    sizes: Pair
    origin: SpacingOrigin


@dataclass(frozen=True, kw_only=True)
class FoundSpacing:
    """The size of a pixel.

    Args:
        spacing: with its origin.
        notes: how it was found.
        doubts: what makes lengths wrong, or may.
    """

    spacing: Spacing
    notes: tuple[str, ...]
    doubts: tuple[str, ...] = ()


def find_spacing(header: Dataset) -> FoundSpacing:
    """The size of a pixel with its origin, how it was found and what is doubtful in it."""
    notes = [
        f"{name} is there but no pair of positive numbers, left aside"
        for name in ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
        if header.get(name) not in (None, "") and _pair(header, name) is None
    ]
    notes += _magnification(header)
    clash = _clash_of_regions(header)
    found = None if clash else next(_candidates(header), None)
    if found is None:
        notes.append("spacing: not stated" if clash is None else f"spacing: none taken, {clash}")
        spacing = Spacing.unknown()
    else:
        row, column = found.sizes
        spacing = Spacing(row_mm=row, column_mm=column, origin=found.origin)
        notes.append(f"spacing: {row:g} x {column:g} mm ({found.origin}), from {found.tag}")
    doubts = [f"no one scale: {clash}"] if clash else []
    doubts += [*_other_spacing(header, found), *_aspect(header, spacing)]
    return FoundSpacing(spacing=spacing, notes=tuple(notes), doubts=tuple(doubts))


def _candidates(header: Dataset) -> Iterator[_Candidate]:
    plain, imager = _pixel_spacing(header), _pair(header, "ImagerPixelSpacing")
    calibration = str(header.get("PixelSpacingCalibrationType") or "").strip()
    if plain is not None and calibration in ("GEOMETRY", "FIDUCIAL"):
        yield _Candidate(f"PixelSpacing, {calibration}", plain, "calibrated")
    regions = _region_sizes(header)
    if regions:
        yield _Candidate(_REGIONS, regions[0], "calibrated")
    if plain is not None:
        corrected = imager is not None and not _alike(plain, imager)
        yield _Candidate(
            "PixelSpacing", plain, "calibrated" if _in_plane(header) or corrected else "detector"
        )
    if imager is not None:
        yield _Candidate("ImagerPixelSpacing", imager, "detector")
    scanned = _pair(header, "NominalScannedPixelSpacing")
    if scanned is not None:
        yield _Candidate("NominalScannedPixelSpacing", scanned, "detector")


def _in_plane(header: Dataset) -> bool:
    """Whether it is a section; the localizer of a CT is a projection (PS3.3, C.8.2.1.1.1)."""
    modality, kind = str(header.get("Modality") or ""), header.get("ImageType") or ()
    values = (kind,) if isinstance(kind, str) else tuple(kind)
    return modality in IN_PLANE and not (modality == "CT" and "LOCALIZER" in values)


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


_REGIONS = "SequenceOfUltrasoundRegions"


def _shown_regions(header: Dataset) -> list[tuple[Pair | None, int]]:
    """(size of a pixel in mm, spatial format) of each region that is part of the picture.

    The size is None where the region does not measure lengths in both directions.
    """
    regions = header.get(_REGIONS) or ()
    formats = [(one, _whole(one, "RegionSpatialFormat")) for one in regions]
    return [
        (_region_size(one), kind)
        for one, kind in formats
        if kind not in _BESIDE_IMAGE and _whole(one, "RegionDataType") not in _BARS
    ]


def _region_sizes(header: Dataset) -> list[Pair]:
    return [size for size, _ in _shown_regions(header) if size is not None]


def _region_size(region: Dataset) -> Pair | None:
    """(row, column) in mm."""
    units = {region.get("PhysicalUnitsXDirection"), region.get("PhysicalUnitsYDirection")}
    if units != {_CM} or _whole(region, "RegionSpatialFormat") not in _IN_TWO_DIRECTIONS:
        return None
    try:
        column, row = (abs(float(region.get(f"PhysicalDelta{axis}") or 0)) * 10 for axis in "XY")
    except (TypeError, ValueError):
        return None
    return (row, column) if _possible(row) and _possible(column) else None


def _clash_of_regions(header: Dataset) -> str | None:
    """Why the regions of an ultrasound image leave it without one scale; None where they do not."""
    regions = _shown_regions(header)
    sizes = _region_sizes(header)
    if any(kind not in _IN_TWO_DIRECTIONS for _, kind in regions):
        return "an ultrasound region runs over time or speed (M-mode or spectral)"
    if regions and len(sizes) < len(regions):
        without = len(regions) - len(sizes)
        return f"{without} of {len(regions)} ultrasound regions measure no lengths"
    other = next((one for one in sizes if not _alike(sizes[0], one)), None)
    if other is None:
        return None
    return f"ultrasound regions disagree, {_in_mm(sizes[0])} and {_in_mm(other)}"


def _whole(region: Dataset, name: str) -> int:
    """A whole number; 0 where the tag is missing, or none."""
    value = region.get(name)
    return value if isinstance(value, int) else 0


def _in_mm(sizes: Pair) -> str:
    return f"{sizes[0]:g} x {sizes[1]:g} mm"


def _other_spacing(header: Dataset, found: _Candidate | None) -> Iterator[str]:
    """Ultrasound regions and Pixel Spacing that say two things."""
    plain, regions = _pixel_spacing(header), _region_sizes(header)
    if found is not None and plain is not None and regions and not _alike(plain, regions[0]):
        yield (
            f"PixelSpacing says {_in_mm(plain)}, ultrasound regions {_in_mm(regions[0])}; "
            f"{found.tag} is taken"
        )


def _aspect(header: Dataset, spacing: Spacing) -> Iterator[str]:
    """Pixels that are not square by Pixel Aspect Ratio, high to wide (PS3.3, C.7.6.3.1.7)."""
    ratio = _pair(header, "PixelAspectRatio")
    if ratio is None:
        return
    said = ratio[0] / ratio[1]
    if not spacing.known:
        if not math.isclose(said, 1, rel_tol=_SAME):
            yield (
                f"pixels are not square, {ratio[0]:g} high to {ratio[1]:g} wide, and their size is "
                "not stated: lengths in pixels, and in mm by one number, are distorted"
            )
    elif not math.isclose(said, spacing.row_mm / spacing.column_mm, rel_tol=_ROUNDED):
        yield (
            f"PixelAspectRatio {ratio[0]:g}:{ratio[1]:g} contradicts a pixel of "
            f"{_in_mm((spacing.row_mm, spacing.column_mm))}"
        )


def _magnification(header: Dataset) -> Iterator[str]:
    factor = header.get("EstimatedRadiographicMagnificationFactor")
    if factor not in (None, ""):
        yield f"magnification: {_shown(factor)} stated, not applied"


def _shown(value: object) -> str:
    try:
        return f"{float(str(value)):g}"
    except ValueError:
        return "something that is no number"
