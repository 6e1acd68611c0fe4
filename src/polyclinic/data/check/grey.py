"""What is black and white in a cohort, and what of it can't be compared."""

from __future__ import annotations

from polyclinic.data.cohort import Cohort
from polyclinic.data.findings import Finding, Place
from polyclinic.data.grey import DICOM, CohortGrey
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
