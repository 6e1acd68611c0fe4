"""Images that come twice, and faults of sharp partners."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator

import numpy as np

from polyclinic.data.check.files import InspectedImage
from polyclinic.data.cohort import Cohort
from polyclinic.data.findings import Finding, Place
from polyclinic.data.hashing import look_alikes
from polyclinic.data.images import read_image
from polyclinic.data.partner import same_fields
from polyclinic.data.patients import patient_names
from polyclinic.errors import ImageError


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


def partner_findings(cohort: Cohort) -> list[Finding]:
    """Partners that can't be decoded, and fields that two patients claim."""
    return [*_unreadable(cohort), *_shared(cohort)]


def _unreadable(cohort: Cohort) -> Iterator[Finding]:
    of_file = {one.sharp_file: one for one in reversed(cohort.samples) if one.sharp_file}
    for file, sample in reversed(of_file.items()):
        try:
            read_image(file)
        except ImageError as error:
            place = Place(file, f"sharp partner of image {sample.image_id}")
            yield place.error(error.what, error.expected, error.hint)


def _shared(cohort: Cohort) -> Iterator[Finding]:
    fields: defaultdict[Hashable, dict[str, int | str]] = defaultdict(dict)
    for field, sample in zip(same_fields(cohort.samples), cohort.samples, strict=True):
        if sample.patient_id is not None:
            fields[field].setdefault(sample.patient_id, sample.image_id)
    for patients in fields.values():
        if len(patients) > 1:
            (one, image), (other, second), *_ = patients.items()
            yield Place(cohort.name, f"image {second}").error(
                f"is of patient {other} and shows the field of image {image}, of patient {one}",
                "one patient for an image and its sharp partner",
                "they would fall on both sides of a split",
            )
