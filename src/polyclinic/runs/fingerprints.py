"""What a run remembers of the images it was made from, to know them again in other data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from polyclinic.data import Cohort, Split
from polyclinic.data.audit import hash_images
from polyclinic.data.patients import patient_key
from polyclinic.data.persons import near_key
from polyclinic.stored import read_json_object, values_of

FILE = "fingerprints.json"
CALIBRATION = "calibration"


@dataclass(frozen=True, eq=False, kw_only=True)
class Fingerprints:
    """Ids, patients and perceptual hashes of the M images of a training.

    Args:
        images: (M,) ids.
        patients: (M,) None where not known.
        patient_keys: (M,) the same for patients whose ids are nearly the same.
        studies: (M,) None where not known, and in runs from before they were kept.
        parts: (M,) the part of the split that each was in.
        hashed: (H,) rows of the images that were hashed; large data sets are hashed in part.
        hashes: (H, 255) bits.
    """

    images: tuple[int | str, ...]
    patients: tuple[str | None, ...]
    patient_keys: tuple[str | None, ...]
    studies: tuple[str | None, ...]
    parts: tuple[str, ...]
    hashed: tuple[int, ...]
    hashes: NDArray[np.bool_]

    @classmethod
    def of_split(cls, cohort: Cohort, split: Split) -> Self:
        """All images of a split, each with its part."""
        return cls._of(cohort, {row: part for part, rows in split.parts.items() for row in rows})

    @classmethod
    def of_rows(cls, cohort: Cohort, rows: Iterable[int]) -> Self:
        """Some images of a data set, of no part."""
        return cls._of(cohort, dict.fromkeys(rows, ""))

    def by_image(self) -> dict[int | str, bytes]:
        """Hash of each image that was hashed."""
        return {
            self.images[place]: bits.tobytes()
            for place, bits in zip(self.hashed, self.hashes, strict=True)
        }

    @classmethod
    def _of(cls, cohort: Cohort, homes: Mapping[int, str]) -> Self:
        seen = hash_images(cohort)
        rows = sorted(homes)
        hashed = [place for place, row in enumerate(rows) if row in seen]
        return cls(
            images=tuple(cohort.samples[row].image_id for row in rows),
            patients=tuple(cohort.samples[row].patient_id for row in rows),
            patient_keys=tuple(patient_key(cohort.samples[row]) or None for row in rows),
            studies=tuple(cohort.samples[row].study_id for row in rows),
            parts=tuple(homes[row] for row in rows),
            hashed=tuple(hashed),
            hashes=np.array([seen[rows[place]] for place in hashed], bool).reshape(-1, 255),
        )

    def calibrated_on(self, cohort: Cohort) -> Self:
        """With the images of another data set as calibration images."""
        return self._joined(self._of(cohort, dict.fromkeys(range(len(cohort)), CALIBRATION)))

    def without(self, part: str) -> Self:
        """Without the images of a part."""
        kept = [row for row, home in enumerate(self.parts) if home != part]
        place = {old: new for new, old in enumerate(kept)}
        hashed = [
            (place[old], bits)
            for old, bits in zip(self.hashed, self.hashes, strict=True)
            if old in place
        ]
        return replace(
            self,
            images=tuple(self.images[row] for row in kept),
            patients=tuple(self.patients[row] for row in kept),
            patient_keys=tuple(self.patient_keys[row] for row in kept),
            studies=tuple(self.studies[row] for row in kept),
            parts=tuple(self.parts[row] for row in kept),
            hashed=tuple(row for row, _ in hashed),
            hashes=np.array([bits for _, bits in hashed], bool).reshape(-1, 255),
        )

    def _joined(self, other: Self) -> Self:
        first = len(self.images)
        return replace(
            self,
            images=(*self.images, *other.images),
            patients=(*self.patients, *other.patients),
            patient_keys=(*self.patient_keys, *other.patient_keys),
            studies=(*self.studies, *other.studies),
            parts=(*self.parts, *other.parts),
            hashed=(*self.hashed, *(first + row for row in other.hashed)),
            hashes=np.concatenate([self.hashes, other.hashes]),
        )

    @classmethod
    def of_run(cls, run: Path) -> Self | None:
        """What a run stored; None for runs that stored nothing.

        Raises:
            RunError: the file is damaged.
        """
        file = run / FILE
        if not file.exists():
            return None
        with values_of(file):
            return cls._from_rows(read_json_object(file)["images"])

    @classmethod
    def _from_rows(cls, rows: list[dict[str, Any]]) -> Self:
        hashed = [place for place, row in enumerate(rows) if row["hash"] is not None]
        bits = [
            np.unpackbits(np.frombuffer(bytes.fromhex(rows[p]["hash"]), np.uint8)) for p in hashed
        ]
        return cls(
            images=tuple(row["id"] for row in rows),
            patients=tuple(row["patient_id"] for row in rows),
            patient_keys=tuple(
                row.get("patient_key") or near_key(row["patient_id"] or "") or None for row in rows
            ),
            studies=tuple(row.get("study_id") for row in rows),
            parts=tuple(row["part"] for row in rows),
            hashed=tuple(hashed),
            hashes=np.array(bits, bool).reshape(len(hashed), 256)[:, :255],
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file; hashes as hexadecimal digits."""
        texts = {
            place: np.packbits(bits).tobytes().hex()
            for place, bits in zip(self.hashed, self.hashes, strict=True)
        }
        return {
            "images": [
                {
                    "id": image,
                    "patient_id": self.patients[place],
                    "patient_key": self.patient_keys[place],
                    "study_id": self.studies[place],
                    "part": self.parts[place],
                    "hash": texts.get(place),
                }
                for place, image in enumerate(self.images)
            ]
        }
