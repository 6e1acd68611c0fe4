"""Images that come twice."""

from __future__ import annotations

import numpy as np

from polyclinic.data.check.files import InspectedImage
from polyclinic.data.cohort import Cohort
from polyclinic.data.findings import Finding, Place
from polyclinic.data.hashing import look_alikes
from polyclinic.data.partner import same_fields
from polyclinic.data.patients import patient_names


def duplicate_findings(cohort: Cohort, images: list[InspectedImage]) -> list[Finding]:
    """Identical files, then images that look the same; each is named once.

    The images of one field, blurred and sharp, are meant to look the same.
    """
    fields = same_fields(cohort.samples)
    first_of: dict[str, int] = {}
    findings, unique = [], []
    for image in images:
        first = first_of.setdefault(image.digest, image.index)
        if first == image.index:
            unique.append(image)
        elif fields[first] != fields[image.index]:
            findings.append(_finding(cohort, image.index, first, "is the same file as"))
    if unique:
        hashes = np.array([image.appearance for image in unique])
        for row, earlier, bits in look_alikes(hashes, [fields[one.index] for one in unique]):
            what = f"looks like ({bits} of 255 bits differ)"
            findings.append(_finding(cohort, unique[row].index, unique[earlier].index, what))
    return findings


def _finding(cohort: Cohort, index: int, other: int, what: str) -> Finding:
    sample, earlier = cohort.samples[index], cohort.samples[other]
    place = Place(str(sample.file), f"image {sample.image_id}")
    same_patient = len({*patient_names([sample, earlier])}) == 1
    hint = None if same_patient else "they may fall on both sides of a split: give one patient_id"
    return place.warning(f"{what} image {earlier.image_id} ({earlier.file})", hint=hint)
