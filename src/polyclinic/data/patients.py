"""Which images must stay together, and what kind of patient each group is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from polyclinic.data.cohort import Cohort
from polyclinic.data.partner import same_fields
from polyclinic.sample import Sample

Grouping = Literal["auto", "image"]

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
            image names its patient.
        marks: every value of a label with few values, every class and every annotated kind that
            an image of the patient has: what a part of a split is to have one of.
    """

    members: dict[str, tuple[int, ...]]
    strata: dict[str, str]
    message: str | None
    marks: Mapping[str, frozenset[str]]

    def __len__(self) -> int:
        """Number of patients."""
        return len(self.members)

    def rows(self, names: Iterable[str]) -> tuple[int, ...]:
        """Sample indices of some patients, ascending."""
        return tuple(sorted(row for name in names for row in self.members[name]))


def group_patients(cohort: Cohort, patient: Grouping = "auto") -> Patients:
    """Group samples by `patient_id`; with "image", or without an id, an image is a patient.

    Of one field, blurred and sharp, all images without an id are of one patient: of the one that
    another of them names, if any does.
    """
    members: defaultdict[str, list[int]] = defaultdict(list)
    for index, name in enumerate(_names(cohort.samples, patient)):
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


def _names(samples: Sequence[Sample], patient: Grouping) -> Iterator[str]:
    """The patient of each sample."""
    stated = [
        None if patient == "image" or one.patient_id is None else f"patient {one.patient_id}"
        for one in samples
    ]
    fields = same_fields(samples)
    of_field: dict[Hashable, str] = {}
    for name, field in zip(stated, fields, strict=True):
        if name is not None:
            of_field.setdefault(field, name)
    for sample, name, field in zip(samples, stated, fields, strict=True):
        yield name or of_field.setdefault(field, f"image {sample.image_id}")


def _message(cohort: Cohort, patient: Grouping) -> str | None:
    without = sum(sample.patient_id is None for sample in cohort.samples)
    if patient == "image":
        return "each image counts as its own patient, as data.patient=image says"
    if not without:
        return None
    return (
        f"NO PATIENT IDS for {without} of {len(cohort)} images: each of these counts as its own "
        "patient, so one person may be on both sides of the split; add patient_id to the images, "
        "or state data.patient=image"
    )


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
