"""Which images must stay together, and what kind of patient each group is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from polyclinic.data.cohort import Cohort
from polyclinic.data.partner import same_fields
from polyclinic.data.persons import near_key, say_alike
from polyclinic.sample import Sample

Grouping = Literal["auto", "exact", "image"]
"""Who is one patient: ids that are nearly the same, each spelling of an id, or each image."""

MOST_VALUES = 10
"""A label with more values is a measurement, not a name of a group."""


@dataclass(frozen=True, kw_only=True)
class Patients:
    """Sample indices by patient.

    Args:
        members: sample indices of each patient.
        strata: what each patient is balanced by: the most frequent whole-image labels of the
            images, else the most frequent class of their instances. Labels that measure rather
            than name, with more than ten values in the data set, are passed over, and so are
            those that differ between images of a patient, unless all labels do.
        message: what a reader of the results must know about the grouping; None when every
            image names its patient, and each patient in one spelling.
        marks: every value of a label with few values, every class and every annotated kind that
            an image of the patient has: what a part of a split is to have one of.
        alike: ids that are nearly the same, each with its spellings.
    """

    members: dict[str, tuple[int, ...]]
    strata: dict[str, str]
    message: str | None
    marks: Mapping[str, frozenset[str]]
    alike: tuple[tuple[str, ...], ...] = ()

    def __len__(self) -> int:
        """Number of patients."""
        return len(self.members)

    def noting(self, said: str | None) -> Patients:
        """The same with one more thing to know, said first."""
        return replace(self, message="; ".join(filter(None, (said, self.message))) or None)

    def rows(self, names: Iterable[str]) -> tuple[int, ...]:
        """Sample indices of some patients, ascending."""
        return tuple(sorted(row for name in names for row in self.members[name]))


def group_patients(cohort: Cohort, patient: Grouping = "auto") -> Patients:
    """Group samples by patient, as `patient_names` says."""
    members: defaultdict[str, list[int]] = defaultdict(list)
    for index, name in enumerate(patient_names(cohort.samples, patient)):
        members[name].append(index)
    naming = _labels_of_patients(cohort, members.values())
    return Patients(
        members={name: tuple(rows) for name, rows in members.items()},
        strata={
            name: _stratum([cohort.samples[row] for row in rows], cohort.classes, naming)
            for name, rows in members.items()
        },
        message=_message(cohort, patient),
        marks={
            name: _marks([cohort.samples[row] for row in rows], cohort)
            for name, rows in members.items()
        },
        alike=() if patient == "image" else alike_patients(cohort.samples),
    )


def _marks(samples: Sequence[Sample], cohort: Cohort) -> frozenset[str]:
    few = {k for k, v in cohort.facts().label_values.items() if len(v) <= MOST_VALUES}
    found = {f"label {k}={v}" for one in samples for k, v in one.labels.items() if k in few}
    for instance in (one for sample in samples for one in sample.instances or ()):
        if instance.category is not None:
            found.add(f"class {cohort.classes[instance.category]}")
        if instance.mask is not None:
            found.add("masks")
        if instance.has_visible_landmarks:
            found.add("landmarks")
    return frozenset(found)


def _labels_of_patients(cohort: Cohort, members: Iterable[Sequence[int]]) -> set[str]:
    """Labels with few values that all images of a patient share; where there are none, all.

    What differs between the images of a patient, such as a stain, says nothing about the patient.
    """
    few = {k for k, v in cohort.facts().label_values.items() if len(v) <= MOST_VALUES}
    varying = {
        name
        for rows in members
        for name in few
        if len({repr(cohort.samples[row].labels.get(name)) for row in rows} - {"None"}) > 1
    }
    return few - varying or few


def patient_names(samples: Sequence[Sample], patient: Grouping = "auto") -> list[str]:
    """(N,) a name for the patient of each sample; samples of one name stay together.

    That is `patient_id`; ids that are nearly the same are one patient (`polyclinic.data.persons`)
    unless "exact" states that they are not. Without an id the study counts, which is of the
    patient that another of its images names, if any does. Without either, all images of one field,
    blurred and sharp, are of one patient. What is left, and everything with "image", is a patient
    of its own.
    """
    names: dict[Hashable, str] = {}
    found: list[str | None] = [None] * len(samples)
    for row, sample in enumerate(samples if patient != "image" else ()):
        if sample.patient_id is not None:
            key = patient_key(sample, patient)
            found[row] = names.setdefault(("patient", key), f"patient {sample.patient_id}")
            names.setdefault(_study(sample, patient), found[row] or "")
    for row, sample in enumerate(samples if patient != "image" else ()):
        if found[row] is None and sample.study_id is not None:
            found[row] = names.setdefault(_study(sample, patient), f"study {sample.study_id}")
    fields = same_fields(samples)
    for name, field in zip(found, fields, strict=True):
        if name is not None:
            names.setdefault(("field", field), name)
    return [
        name or names.setdefault(("field", field), f"image {sample.image_id}")
        for sample, name, field in zip(samples, found, fields, strict=True)
    ]


def patient_key(sample: Sample, patient: Grouping = "auto") -> str:
    """What the ids of one patient share; empty where there is no id."""
    if patient == "exact" or sample.patient_id is None:
        return sample.patient_id or ""
    return sample.patient_key or near_key(sample.patient_id)


def _study(sample: Sample, patient: Grouping) -> Hashable:
    name = sample.study_id
    if name is None:
        return ("no study", id(sample))
    return ("study", name if patient == "exact" else near_key(name))


def alike_patients(samples: Iterable[Sample]) -> tuple[tuple[str, ...], ...]:
    """Ids of patients that are nearly the same, each with its spellings in order."""
    spelled: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for sample in samples:
        if sample.patient_id is not None:
            spelled[patient_key(sample)][sample.patient_id] = None
    return tuple(tuple(one) for one in spelled.values() if len(one) > 1)


def _message(cohort: Cohort, patient: Grouping) -> str | None:
    if patient == "image":
        return "each image counts as its own patient, as data.patient=image says"
    unnamed = [sample for sample in cohort.samples if sample.patient_id is None]
    without = sum(sample.study_id is None for sample in unnamed)
    said = []
    if without:
        said.append(
            f"NO PATIENT IDS for {without} of {len(cohort)} images: each of these counts as its "
            "own patient, so one person may be on both sides of the split; add patient_id to the "
            "images, or state data.patient=image"
        )
    if len(unnamed) > without:
        said.append(
            f"{len(unnamed) - without} of {len(cohort)} images name no patient and are kept "
            "together by study_id: one person with two studies may be on both sides of the split"
        )
    if alike := alike_patients(cohort.samples):
        said.append(
            f"NEARLY THE SAME PATIENT IDS: {say_alike(alike)}; "
            + (
                "they count as different people, as data.patient=exact says"
                if patient == "exact"
                else "they count as one person each; spell each person one way, or state "
                "data.patient=exact if they are different people"
            )
        )
    return "; ".join(said) or None


def _stratum(samples: list[Sample], classes: tuple[str, ...], naming: set[str]) -> str:
    labels: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for sample in samples:
        if named := [f"{k}={v}" for k, v in sorted(sample.labels.items()) if k in naming]:
            labels[", ".join(named)] += 1
        for instance in sample.instances or ():
            if instance.category is not None:
                found[classes[instance.category]] += 1
    votes = labels or found
    return max(sorted(votes), key=votes.__getitem__) if votes else "nothing annotated"
