"""What is known about leaks between the parts of a split."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.cohort import Cohort
from polyclinic.data.hashing import look_alikes, perceptual_hash
from polyclinic.data.images import read_image
from polyclinic.data.patients import Patients
from polyclinic.errors import DataError

Appearances = Mapping[int, NDArray[np.bool_]]
"""Perceptual hash by sample index."""

MOST_HASHED = 10_000
"""Images that are compared in search of near-duplicates: of larger sets as many, evenly spread."""
_MOST_WORKERS = 4


@dataclass(frozen=True, kw_only=True)
class NearDuplicate:
    """Two images of different parts that look the same."""

    first: int | str
    first_part: str
    second: int | str
    second_part: str
    differing_bits: int


@dataclass(frozen=True, kw_only=True)
class Audit:
    """Patients, classes and look-alikes of the parts of a split.

    Args:
        message: what a reader of the results must know about the grouping; None when every
            image names its patient, and each patient in one spelling.
        patients: number of patients by part.
        images: number of images by part.
        class_counts: instances by part and class.
        strata: patients by part and stratum.
        shared_patients: patients in more than one part; must be empty.
        near_duplicates: images of different parts that look the same.
        hashed: how many images were compared.
        alike_patients: ids that are nearly the same, each with its spellings.
    """

    message: str | None
    patients: Mapping[str, int]
    images: Mapping[str, int]
    class_counts: Mapping[str, Mapping[str, int]]
    strata: Mapping[str, Mapping[str, int]]
    shared_patients: tuple[str, ...]
    near_duplicates: tuple[NearDuplicate, ...]
    hashed: int
    alike_patients: tuple[tuple[str, ...], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Audit:
        """The audit that `to_json` wrote."""
        pairs = tuple(NearDuplicate(**pair) for pair in document["near_duplicates"])
        values = {
            "near_duplicates": pairs,
            "shared_patients": tuple(document["shared_patients"]),
            "alike_patients": tuple(map(tuple, document.get("alike_patients", ()))),
        }
        return cls(**{**document, **values})


@lru_cache(maxsize=2)
def hash_images(cohort: Cohort, most: int = MOST_HASHED) -> Appearances:
    """Perceptual hashes of the images, by row: the same ones on any machine.

    An image that can't be read has none; it is named where it is used.

    Args:
        cohort: its images are opened, a few at a time.
        most: of more images than this, as many are taken, evenly spread.
    """
    count = len(cohort)
    rows = np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int)).tolist()
    with ThreadPoolExecutor(min(_MOST_WORKERS, os.cpu_count() or 1)) as workers:
        hashes = workers.map(partial(_hash, cohort), rows)
        return {row: one for row, one in zip(rows, hashes, strict=True) if one is not None}


def _hash(cohort: Cohort, row: int) -> NDArray[np.bool_] | None:
    sample = cohort.samples[row]
    try:
        # What was annotated at another size is the same picture all the same.
        pixels = sample.image if sample.image is not None else read_image(sample.file or "")
    except DataError:
        return None
    return perceptual_hash(pixels)


def audit_split(
    cohort: Cohort,
    patients: Patients,
    parts: Mapping[str, tuple[int, ...]],
    appearances: Appearances,
) -> Audit:
    """Compare the parts of a split."""
    part_of = {row: part for part, rows in parts.items() for row in rows}
    homes = {
        name: {part_of[row] for row in rows if row in part_of}
        for name, rows in patients.members.items()
    }
    return Audit(
        message=patients.message,
        patients={part: sum(part in home for home in homes.values()) for part in parts},
        images={part: len(rows) for part, rows in parts.items()},
        class_counts={
            part: dict(cohort.subset(rows).facts().class_counts) for part, rows in parts.items()
        },
        strata={
            part: dict(Counter(patients.strata[name] for name in homes if part in homes[name]))
            for part in parts
        },
        shared_patients=tuple(name for name, home in homes.items() if len(home) > 1),
        near_duplicates=_near_duplicates(cohort, part_of, appearances),
        hashed=sum(row in part_of for row in appearances),
        alike_patients=patients.alike,
    )


def _near_duplicates(
    cohort: Cohort, part_of: Mapping[int, str], appearances: Appearances
) -> tuple[NearDuplicate, ...]:
    rows = [row for row in appearances if row in part_of]
    if not rows:
        return ()
    hashes = np.array([appearances[row] for row in rows])
    return tuple(
        NearDuplicate(
            first=cohort.samples[rows[earlier]].image_id,
            first_part=part_of[rows[earlier]],
            second=cohort.samples[rows[later]].image_id,
            second_part=part_of[rows[later]],
            differing_bits=bits,
        )
        for later, earlier, bits in look_alikes(hashes, [part_of[row] for row in rows])
    )
