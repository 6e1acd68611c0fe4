"""Images that the training has seen, under whatever name they come back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from polyclinic.data import Cohort, Split, split_cohort
from polyclinic.data.audit import hash_images
from polyclinic.data.hashing import THRESHOLD
from polyclinic.data.split import FILE as SPLIT
from polyclinic.recipes.fingerprints import Fingerprints
from polyclinic.recipes.folds_directory import fold_runs

if TYPE_CHECKING:
    from polyclinic.evaluation.subject import Subject


@dataclass(frozen=True, kw_only=True)
class Leak:
    """A judged image that is no news to the reader.

    Args:
        image: its id.
        known: the id of the image of the training data that it stands for.
        part: of the training data.
        why: `same patient id` or `same picture`.
        differing_bits: of the 255 bits of the two perceptual hashes; None for patients.
    """

    image: int | str
    known: int | str
    part: str
    why: Literal["same patient id", "same picture"]
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
    if subject.split is not None:
        found: Iterable[Leak] = _across_parts(subject.split, subject.part)
    elif subject.folds is not None:
        splits = [
            split_cohort(cohort, run / SPLIT, patient=subject.config.data.patient)
            for run in fold_runs(subject.path)
        ]
        found = (leak for split in splits for leak in _across_parts(split, "test"))
    elif (known := Fingerprints.of_run(subject.path)) is not None:
        found = seen_before(known.without("test"), cohort)
    else:
        return ()
    judged = {sample.image_id for sample, _ in subject.cases}
    by_image = {leak.image: leak for leak in found if leak.image in judged}
    return tuple(by_image.values())


def _across_parts(split: Split, judged: str) -> Iterator[Leak]:
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


def seen_before(known: Fingerprints, cohort: Cohort) -> list[Leak]:
    """The images of a cohort that are among those that a run knows, by look or by patient id."""
    return list(_in_other_data(known, cohort))


def _in_other_data(known: Fingerprints, cohort: Cohort) -> Iterator[Leak]:
    hashes = hash_images(cohort)
    patients = {patient: row for row, patient in enumerate(known.patients) if patient is not None}
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
        if sample.patient_id in patients:
            place = patients[sample.patient_id]
            yield Leak(
                image=sample.image_id,
                known=known.images[place],
                part=known.parts[place],
                why="same patient id",
            )
