"""Who and what an image is of, without a name.

Patients and studies become the first 12 hexadecimal digits of the SHA-256 of their id: the same
person has the same digits in every file, and nobody reads the id from a table. It is a pseudonym,
not anonymity: who holds a list of ids can hash it. An id that names nobody, such as `ANONYMOUS`,
counts as none. Of dates nothing is kept but the age in years.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pydicom.dataset import Dataset

from polyclinic.data.demographics import read_age, read_sex, years_between
from polyclinic.data.persons import near_key, person_id
from polyclinic.errors import DataError

Said = TypeVar("Said")

DIGITS = 12
SIDES = {"L": "left", "R": "right", "B": "both"}


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What a sample keeps of who, what and with which machine; None where the file is silent."""

    patient_id: str | None = None
    study_id: str | None = None
    laterality: str | None = None
    device: str | None = None
    patient_key: str | None = None
    age: float | None = None
    sex: str | None = None


def identity_of(header: Dataset) -> Identity:
    """Pseudonyms, side of the body, machine, age and sex."""
    return Identity(
        patient_id=pseudonym(header.get("PatientID")),
        patient_key=pseudonym(header.get("PatientID"), nearly=True),
        study_id=pseudonym(header.get("StudyInstanceUID")),
        laterality=_side(header),
        device=" ".join(_text(header, "Manufacturer", "ManufacturerModelName")) or None,
        age=_age(header),
        sex=_stated(read_sex, header.get("PatientSex")),
    )


def pseudonym(raw: object, *, nearly: bool = False) -> str | None:
    """12 hexadecimal digits of the SHA-256 of an id in its one form; None where it names nobody.

    Args:
        raw: what the file says.
        nearly: give ids that are nearly the same the same digits.
    """
    try:
        text = person_id(None if raw is None else str(raw))
    except DataError:
        return None
    if text is None:
        return None
    return hashlib.sha256((near_key(text) if nearly else text).encode()).hexdigest()[:DIGITS]


def _age(header: Dataset) -> float | None:
    """Patient's Age, else the years from the day of birth to that of the study."""
    stated = _stated(read_age, header.get("PatientAge"))
    days = [str(header.get(name) or "") for name in ("PatientBirthDate", "StudyDate")]
    return years_between(*days) if stated is None else stated


def _stated(read: Callable[[object], Said | None], value: object) -> Said | None:
    try:
        return read(None if value is None else str(value))
    except DataError:
        return None


def _side(header: Dataset) -> str | None:
    """Image Laterality, which is of the image, before Laterality, which is of the series."""
    stated = (str(header.get(name) or "").strip() for name in ("ImageLaterality", "Laterality"))
    return next((SIDES[side] for side in stated if side in SIDES), None)


def _text(header: Dataset, *names: str) -> list[str]:
    return [text for name in names if (text := str(header.get(name) or "").strip())]
