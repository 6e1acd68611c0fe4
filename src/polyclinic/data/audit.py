"""What is known about leaks between the parts of a split."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.cohort import Cohort
from polyclinic.data.hashing import look_alikes, perceptual_hash
from polyclinic.data.patients import Patients
from polyclinic.errors import DataError

Appearances = Mapping[int, NDArray[np.bool_]]
"""Perceptual hash by sample index."""

HASH_SECONDS = 20.0
"""How long the search for near-duplicates may take."""


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
            image names its patient.
        patients: number of patients by part.
        images: number of images by part.
        class_counts: instances by part and class.
        strata: patients by part and stratum.
        shared_patients: patients in more than one part; must be empty.
        near_duplicates: images of different parts that look the same.
        hashed: how many images were compared.
    """

    message: str | None
    patients: Mapping[str, int]
    images: Mapping[str, int]
    class_counts: Mapping[str, Mapping[str, int]]
    strata: Mapping[str, Mapping[str, int]]
    shared_patients: tuple[str, ...]
    near_duplicates: tuple[NearDuplicate, ...]
    hashed: int

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Audit:
        """The audit that `to_json` wrote."""
        pairs = tuple(NearDuplicate(**pair) for pair in document["near_duplicates"])
        shared = tuple(document["shared_patients"])
        return cls(**{**document, "near_duplicates": pairs, "shared_patients": shared})


@lru_cache(maxsize=2)
def hash_images(cohort: Cohort, seconds: float = HASH_SECONDS) -> Appearances:
    """Perceptual hashes of the images, in order, as many as the time allows.

    An image that can't be read has none; it is named where it is used.
    """
    found: dict[int, NDArray[np.bool_]] = {}
    deadline = time.monotonic() + seconds
    for row in range(len(cohort)):
        if time.monotonic() > deadline:
            break
        with contextlib.suppress(DataError):
            found[row] = perceptual_hash(cohort.load_image(row).pixels)
    return found


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
        hashed=len(appearances),
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
