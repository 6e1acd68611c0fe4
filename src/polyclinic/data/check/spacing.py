"""Faults of the physical scale."""

from __future__ import annotations

from collections.abc import Iterator

from polyclinic.data.cohort import Cohort
from polyclinic.data.findings import Finding, Place
from polyclinic.sample import Sample

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
