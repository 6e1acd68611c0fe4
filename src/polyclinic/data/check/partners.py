"""Faults of sharp partners that only their pixels, or other images, show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator

from polyclinic.data.cohort import Cohort
from polyclinic.data.findings import Finding, Place
from polyclinic.data.images import read_image
from polyclinic.data.partner import same_fields
from polyclinic.errors import ImageError


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
