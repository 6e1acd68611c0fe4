"""Who and what an image is of, without a name.

Patients and studies become the first 12 hexadecimal digits of the SHA-256 of their id: the same
person has the same digits in every file, and nobody reads the id from a table. It is a pseudonym,
not anonymity: who holds a list of ids can hash it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from pydicom.dataset import Dataset

DIGITS = 12
SIDES = {"L": "left", "R": "right", "B": "both"}


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What a sample keeps of who, what and with which machine; None where the file is silent."""

    patient_id: str | None = None
    study_id: str | None = None
    laterality: str | None = None
    device: str | None = None


def identity_of(header: Dataset) -> Identity:
    """Pseudonyms, side of the body and machine."""
    return Identity(
        patient_id=pseudonym(header.get("PatientID")),
        study_id=pseudonym(header.get("StudyInstanceUID")),
        laterality=_side(header),
        device=" ".join(_text(header, "Manufacturer", "ManufacturerModelName")) or None,
    )


def pseudonym(raw: object) -> str | None:
    """12 hexadecimal digits of the SHA-256 of an id without the blanks around it."""
    text = "" if raw is None else str(raw).strip()
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS] if text else None


def _side(header: Dataset) -> str | None:
    """Image Laterality, which is of the image, before Laterality, which is of the series."""
    stated = (str(header.get(name) or "").strip() for name in ("ImageLaterality", "Laterality"))
    return next((SIDES[side] for side in stated if side in SIDES), None)


def _text(header: Dataset, *names: str) -> list[str]:
    return [text for name in names if (text := str(header.get(name) or "").strip())]
