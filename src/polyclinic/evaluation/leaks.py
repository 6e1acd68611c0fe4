"""Images that the training has seen, under whatever name they come back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from polyclinic.data import Cohort, Split
from polyclinic.data.audit import hash_images
from polyclinic.data.hashing import THRESHOLD
from polyclinic.data.patients import Grouping, patient_key, patient_names
from polyclinic.runs.fingerprints import Fingerprints
from polyclinic.runs.folds_directory import fold_runs
from polyclinic.runs.same_data import stored_split

if TYPE_CHECKING:
    from polyclinic.evaluation.subject import Subject


Why = Literal["same patient id", "nearly the same patient id", "same study id", "same picture"]


@dataclass(frozen=True, kw_only=True)
class Leak:
    """A judged image that is no news to the reader.

    Args:
        image: its id.
        known: the id of the image of the training data that it stands for.
        part: of the training data.
        why: `same patient id`, `nearly the same patient id` (in capitals, separators or zeros),
            `same study id` or `same picture`.
        differing_bits: of the 255 bits of the two perceptual hashes; None for patients.
    """

    image: int | str
    known: int | str
    part: str
    why: Why
    differing_bits: int | None = None

    def __str__(self) -> str:
        """One line for people."""
        how = "" if self.differing_bits is None else f", {self.differing_bits} of 255 bits differ"
        return f"image {self.image}: {self.why} as {self.known} ({self.part} part{how})"


def find_leaks(subject: Subject, cohort: Cohort) -> tuple[Leak, ...]:
    """Compare the judged images with those that weights, threshold and intervals were made of.

    Within one data set the split keeps patients apart; look-alikes under another patient's name
    are found here, and in other data patients of the same name as well. Each image is named once.
    Of stored readings nobody knows what they were trained on.
    """
    if subject.recipe is None:
        return ()
    patient: Grouping = subject.config.data.patient
    if subject.split is not None:
        found: Iterable[Leak] = _across_parts(subject.split, subject.part, cohort, patient)
    elif subject.folds is not None:
        splits = [stored_split(run, cohort, patient) for run in fold_runs(subject.path)]
        found = (leak for one in splits for leak in _across_parts(one, "test", cohort, patient))
    elif (known := Fingerprints.of_run(subject.path)) is not None:
        found = seen_before(known.without("test"), cohort, patient)
    else:
        return ()
    judged = {sample.image_id for sample, _ in subject.cases}
    by_image = {leak.image: leak for leak in found if leak.image in judged}
    return tuple(by_image.values())


def looked_at(subject: Subject, cohort: Cohort) -> int | None:
    """How many of the judged images were compared by look; None where nothing was to compare with.

    Of large data sets a part of the images is, see `polyclinic.data.audit.MOST_HASHED`.
    """
    if subject.recipe is None:
        return None
    same = subject.split is not None or subject.folds is not None
    if not same and Fingerprints.of_run(subject.path) is None:
        return None
    hashes = hash_images(cohort)
    judged = {sample.image_id for sample, _ in subject.cases}
    return sum(cohort.samples[row].image_id in judged for row in hashes)


def _across_parts(split: Split, judged: str, cohort: Cohort, patient: Grouping) -> Iterator[Leak]:
    yield from _same_people(split, judged, cohort, patient)
    for pair in split.audit.near_duplicates:
        sides = ((pair.first, pair.first_part), (pair.second, pair.second_part))
        for (image, part), (other, other_part) in (sides, sides[::-1]):
            if part == judged:
                yield Leak(
                    image=image,
                    known=other,
                    part=other_part,
                    why="same picture",
                    differing_bits=pair.differing_bits,
                )


def _same_people(split: Split, judged: str, cohort: Cohort, patient: Grouping) -> Iterator[Leak]:
    """What a split that was stored before such ids were told apart may hold."""
    names, homes = patient_names(cohort.samples, patient), split.part_of
    elsewhere = {names[row]: row for row, part in homes.items() if part != judged}
    for row, part in homes.items():
        if part == judged and names[row] in elsewhere:
            one, other = cohort.samples[row], cohort.samples[elsewhere[names[row]]]
            named = None not in (one.patient_id, other.patient_id)
            yield Leak(
                image=one.image_id,
                known=other.image_id,
                part=homes[elsewhere[names[row]]],
                why="nearly the same patient id" if named else "same study id",
            )


def seen_before(known: Fingerprints, cohort: Cohort, patient: Grouping = "auto") -> list[Leak]:
    """The images of a cohort that are among those that a run knows, by look, patient or study.

    Studies count only where one of both names no patient: many data sets number theirs from 1.

    Args:
        known: to the run.
        cohort: the other images.
        patient: with "exact", ids that are nearly the same are of different people.
    """
    return list(_in_other_data(known, cohort, patient))


def _in_other_data(known: Fingerprints, cohort: Cohort, patient: Grouping) -> Iterator[Leak]:
    hashes = hash_images(cohort)
    patients = _places(known.patients)
    nearly = {} if patient == "exact" else _places(known.patient_keys)
    studies = _places(known.studies)
    nameless = _places(
        study if name is None else None
        for study, name in zip(known.studies, known.patients, strict=True)
    )
    for row, sample in enumerate(cohort.samples):
        if row in hashes and len(known.hashes):
            bits = np.count_nonzero(known.hashes != hashes[row], axis=1)
            nearest = int(bits.argmin())
            if bits[nearest] <= THRESHOLD:
                yield Leak(
                    image=sample.image_id,
                    known=known.images[known.hashed[nearest]],
                    part=known.parts[known.hashed[nearest]],
                    why="same picture",
                    differing_bits=int(bits[nearest]),
                )
                continue
        ways: tuple[tuple[Why, str | None, dict[str, int]], ...] = (
            ("same patient id", sample.patient_id, patients),
            ("nearly the same patient id", patient_key(sample) or None, nearly),
            ("same study id", sample.study_id, studies if sample.patient_id is None else nameless),
        )
        for why, name, places in ways:
            if name is not None and name in places:
                place = places[name]
                yield Leak(
                    image=sample.image_id,
                    known=known.images[place],
                    part=known.parts[place],
                    why=why,
                )
                break


def _places(names: Iterable[str | None]) -> dict[str, int]:
    return {name: row for row, name in enumerate(names) if name is not None}
