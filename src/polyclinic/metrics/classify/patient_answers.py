"""What is said of each patient, from all images together, beside what was annotated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from polyclinic.metrics.bootstrap import patient_rows
from polyclinic.metrics.case import Case
from polyclinic.metrics.classify.answers import Answers, finding_answers, word_of
from polyclinic.metrics.figure import Values
from polyclinic.reading import Reading
from polyclinic.reading.pooled_findings import pooled
from polyclinic.sample import Sample


@dataclass(frozen=True, eq=False, kw_only=True)
class PatientAnswers:
    """One whole-image task, pooled over the images of each patient.

    Args:
        answers: of the M patients; `rows` are the first annotated case of each.
        images: M tuples of positions, all cases of each patient.
        undecided: how many patients were left out, since their images are annotated differently.
    """

    answers: Answers
    images: tuple[tuple[int, ...], ...]
    undecided: int

    @property
    def note(self) -> str:
        """What to be careful about; empty where there is nothing."""
        return "; ".join(filter(None, (self.answers.note, self.left_out)))

    def whole(self, weights: Values) -> Values:
        """(R, N) weights in which a patient counts as often as the image that counts least.

        In draws of patients all images of one count alike. In a subgroup of images only patients
        count that are in it with all of theirs: an answer of all images is none of some.
        """
        order = np.array([row for rows in self.images for row in rows], np.intp)
        starts = np.cumsum([0, *map(len, self.images[:-1])])
        shared = weights.copy()
        shared[:, self.answers.rows] = np.minimum.reduceat(weights[:, order], starts, axis=1)
        return shared

    @property
    def left_out(self) -> str:
        """What the answers alone do not say."""
        if not self.undecided:
            return ""
        patients = "1 patient" if self.undecided == 1 else f"{self.undecided} patients"
        return f"left out: {patients} whose images are annotated differently"


def patient_answers(cases: Sequence[Case]) -> list[PatientAnswers]:
    """Answers by patient, of tasks of which a patient with one annotated value has two images.

    What an image says is pooled as in `polyclinic.reading.pooled_findings`, over all images of
    the patient that state the task. An image without a patient is a patient of its own. A
    patient of whom no image could be read counts as answered wrongly.
    """
    patients = _cases_by_patient(cases)
    tasks = dict.fromkeys(task for _, reading in cases for task in reading.findings)
    found = (_of_task(task, patients, cases) for task in tasks)
    return [one for one in found if one is not None]


def _cases_by_patient(cases: Sequence[Case]) -> list[list[int]]:
    rows: Mapping[int, list[int]] = defaultdict(list)
    for row, patient in enumerate(patient_rows([sample for sample, _ in cases]).tolist()):
        rows[patient].append(row)
    return list(rows.values())


def _of_task(
    task: str, patients: Sequence[Sequence[int]], cases: Sequence[Case]
) -> PatientAnswers | None:
    first: list[int] = []
    images: list[tuple[int, ...]] = []
    several, undecided = False, 0
    pseudo: list[Case] = []
    for rows in patients:
        known = [row for row in rows if word_of(cases[row][0].labels.get(task)) is not None]
        read = [row for row in rows if task in cases[row][1].findings]
        failed = [row for row in rows if task not in cases[row][1].findings]
        if not known:
            continue
        if len({word_of(cases[row][0].labels[task]) for row in known}) > 1:
            undecided += 1
            continue
        several |= len(read) + len(failed) > 1
        first.append(known[0])
        images.append(tuple(rows))
        pseudo.append(_pseudo_case(task, cases[known[0]], [cases[row] for row in read]))
    found = finding_answers(pseudo) if several else []
    if not found:
        return None
    (answers,) = found
    return PatientAnswers(
        answers=replace(answers, rows=np.array(first, np.intp)[answers.rows], of="patient"),
        images=tuple(images[row] for row in answers.rows),
        undecided=undecided,
    )


def _pseudo_case(task: str, first: Case, read: Sequence[Case]) -> Case:
    """The first case with what all images say together, or with an error where none says it."""
    sample = first[0]
    findings = [one.findings[task] for _, one in read]
    return Sample(
        image_id=sample.image_id, size=sample.size, labels={task: sample.labels[task]}
    ), Reading(
        image_id=sample.image_id,
        size=sample.size,
        findings={task: pooled(findings)} if findings else {},
        error=None if findings else "no image could be read",
    )
