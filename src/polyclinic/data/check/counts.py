"""Too few of something."""

from __future__ import annotations

from collections.abc import Iterator

from polyclinic.data.cohort import Cohort
from polyclinic.data.facts import Facts
from polyclinic.data.findings import Finding, Place

_FEW = 10


def count_findings(cohort: Cohort) -> list[Finding]:
    """Classes and patients that are missing or rare."""
    facts, place = cohort.facts(), Place(cohort.name)
    return [
        *_class_findings(facts, place),
        *_patient_findings(cohort, facts, place),
    ]


def _class_findings(facts: Facts, place: Place) -> Iterator[Finding]:
    for name, number in facts.class_counts.items():
        if number == 0:
            yield place.warning(f"class {name!r} has no instance", "examples of each class")
        elif number < _FEW:
            yield place.warning(f"class {name!r} has {number} instances", f"{_FEW} or more")


def _patient_findings(cohort: Cohort, facts: Facts, place: Place) -> Iterator[Finding]:
    without = sum(sample.patient_id is None for sample in cohort.samples)
    if without:
        yield place.warning(
            f"{without} of {facts.images} images name no patient",
            "patient_id",
            "each of them counts as its own patient when the data are split",
        )
    if facts.patients is not None and facts.patients < 3 and not without:
        yield place.warning(
            f"there are {facts.patients} patients", "3 or more, for training, validation and test"
        )
