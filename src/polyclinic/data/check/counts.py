"""Too few of something."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from polyclinic.data.coco.image import PARTS, read_part
from polyclinic.data.cohort import Cohort
from polyclinic.data.facts import Facts
from polyclinic.data.findings import Finding, Place
from polyclinic.data.patients import alike_patients, patient_names
from polyclinic.data.split import states_split

_FEW = 10


def count_findings(cohort: Cohort) -> list[Finding]:
    """Classes and patients that are missing or rare, and patients on both sides of a split."""
    facts, place = cohort.facts(), Place(cohort.name)
    return [
        *_split_findings(cohort, place),
        *_class_findings(facts, place),
        *_patient_findings(cohort, facts, place),
    ]


def _split_findings(cohort: Cohort, place: Place) -> Iterator[Finding]:
    """Of the `split` that the data give: images without one, and patients in two parts."""
    if not states_split(cohort):
        return
    parts = [read_part(sample.extra.get("split")) for sample in cohort.samples]
    lost = [one.image_id for one, part in zip(cohort.samples, parts, strict=True) if part is None]
    if lost:
        yield place.error(
            f"{len(lost)} of {len(cohort)} images have no usable 'split', e.g. image {lost[0]}",
            f"one of {', '.join(PARTS)} for every image, or for none",
        )
    homes: defaultdict[str, set[str]] = defaultdict(set)
    for name, part in zip(patient_names(cohort.samples), parts, strict=True):
        homes[name] |= {part} if part is not None else set()
    for name, found in homes.items():
        if len(found) > 1:
            yield place.error(
                f"{name} is in {' and '.join(sorted(found))}, by the 'split' of its images",
                "each patient in one part",
            )


def _class_findings(facts: Facts, place: Place) -> Iterator[Finding]:
    for name, number in facts.class_counts.items():
        if number == 0:
            yield place.warning(f"class {name!r} has no instance", "examples of each class")
        elif number < _FEW:
            yield place.warning(f"class {name!r} has {number} instances", f"{_FEW} or more")


def _patient_findings(cohort: Cohort, facts: Facts, place: Place) -> Iterator[Finding]:
    unnamed = [sample for sample in cohort.samples if sample.patient_id is None]
    without = sum(sample.study_id is None for sample in unnamed)
    if without:
        yield place.warning(
            f"{without} of {facts.images} images name no patient",
            "patient_id",
            "each of them counts as its own patient when the data are split",
        )
    if len(unnamed) > without:
        yield place.warning(
            f"{len(unnamed) - without} of {facts.images} images name a study and no patient",
            "patient_id",
            "those of one study stay together when the data are split",
        )
    for spellings in alike_patients(cohort.samples):
        yield place.warning(
            f"patient ids {' and '.join(map(repr, spellings))} are nearly the same",
            "one spelling of each person",
            "they stay together when the data are split; data.patient=exact states that they are "
            "different people",
        )
    if facts.patients is not None and facts.patients < 3 and not unnamed:
        yield place.warning(
            f"there are {facts.patients} patients", "3 or more, for training, validation and test"
        )
