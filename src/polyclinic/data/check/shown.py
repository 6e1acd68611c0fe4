"""How files are shown: choices they leave, black and white, physical scale."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from polyclinic.data.check.files import InspectedImage
from polyclinic.data.cohort import Cohort
from polyclinic.data.findings import Finding, Place
from polyclinic.data.grey import DICOM, CohortGrey
from polyclinic.sample import Sample
from polyclinic.sample.grey_scale import BYTE

GreyTable = dict[str, dict[str, int | float | str]]


def grey_table(cohort: Cohort) -> GreyTable:
    """Black and white by the type of pixels, as training on all of the images would learn them."""
    grey = _grey(cohort)
    table: GreyTable = {}
    for kind, number in grey.counts.items():
        scale = BYTE if kind == "uint8" else grey.scales.get(kind)
        of_file = "stated by each file"
        table[kind] = {
            "black": of_file if scale is None else round(scale.black, 4),
            "white": of_file if scale is None else round(scale.white, 4),
            "images looked at": number,
        }
    return table


def grey_findings(cohort: Cohort) -> list[Finding]:
    """Images of several types of pixels, of which each has a black and white of its own."""
    counts = {kind: number for kind, number in _grey(cohort).counts.items() if kind != DICOM}
    if len(counts) < 2:
        return []
    found = ", ".join(f"{number} of {kind}" for kind, number in counts.items())
    return [
        Place(cohort.name).warning(
            f"the images that were looked at hold pixels of several types: {found}",
            "one type, as one camera stores them",
            "each type has a black and white of its own, so their brightness can't be compared",
        )
    ]


def _grey(cohort: Cohort) -> CohortGrey:
    return cohort.grey if isinstance(cohort.grey, CohortGrey) else CohortGrey()


# From electron micrographs to whole-body scans, in mm per pixel.
_PLAUSIBLE = (1e-6, 10.0)


def spacing_findings(cohort: Cohort) -> list[Finding]:
    """Images without a scale, with an unlikely one, or with pixels that are not square."""
    without = [sample for sample in cohort.samples if not sample.spacing.known]
    findings = list(_missing(cohort, without))
    for sample in cohort.samples:
        if sample.spacing.known:
            findings += _unlikely(sample, Place(cohort.name, f"image {sample.image_id}"))
    return findings


def _missing(cohort: Cohort, without: list[Sample]) -> Iterator[Finding]:
    hint = "add spacing_mm [row, column]; until then lengths are in pixels"
    if len(without) == len(cohort) > 0:
        yield Place(cohort.name).note("no image has a physical scale", hint=hint)
    elif without:
        named = ", ".join(str(sample.image_id) for sample in without[:3])
        yield Place(cohort.name).warning(
            f"{len(without)} of {len(cohort)} images have no physical scale: {named}", hint=hint
        )


def _unlikely(sample: Sample, place: Place) -> Iterator[Finding]:
    row, column = sample.spacing.row_mm, sample.spacing.column_mm
    if not all(_PLAUSIBLE[0] <= side <= _PLAUSIBLE[1] for side in (row, column)):
        yield place.warning(
            f"a pixel is {row:g} x {column:g} mm", "mm per pixel", "is it given in another unit?"
        )
    if abs(row / column - 1) > 0.01:
        yield place.note(f"pixels are not square: {row:g} x {column:g} mm")
    if sample.extra.get("spacing_mm") is not None and sample.extra.get("spacing_source") is None:
        yield place.note(
            "spacing_mm without spacing_source counts as assumed", "calibrated, detector, assumed"
        )


MOST_WAYS = 6
"""Ways of one step, such as windows, that are listed one by one."""

_NAMED = 3


def doubt_findings(cohort: Cohort, images: Sequence[InspectedImage]) -> list[Finding]:
    """A warning for each doubt that files raise, with the images it concerns."""
    of_doubt: defaultdict[str, list[int]] = defaultdict(list)
    for image in images:
        for doubt in image.doubts:
            of_doubt[doubt].append(image.index)
    return [
        Place(cohort.name).warning(
            f"{len(rows)} of {len(cohort)} images: {doubt}: {_names(cohort, rows)}",
            hint="a reading of such an image is flagged",
        )
        for doubt, rows in of_doubt.items()
    ]


def shown_table(images: Sequence[InspectedImage]) -> Mapping[str, Mapping[str, int]]:
    """{step: {"images": number}}; a step with many ways, such as a window each, is one row."""
    counts: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for image in images:
        for step in image.steps:
            counts[step.partition(":")[0]][step] += 1
    table: dict[str, dict[str, int]] = {}
    for kind, ways in counts.items():
        if len(ways) > MOST_WAYS:
            ways = defaultdict(int, {f"{kind}: {len(ways)} ways": sum(ways.values())})
        table |= {way: {"images": number} for way, number in ways.items()}
    return table


def _names(cohort: Cohort, rows: Sequence[int]) -> str:
    named = ", ".join(str(cohort.samples[row].image_id) for row in rows[:_NAMED])
    return f"{named}, ..." if len(rows) > _NAMED else named
