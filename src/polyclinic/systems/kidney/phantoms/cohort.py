"""Patients and their fields, written as a table."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from polyclinic.atomic import write_text
from polyclinic.errors import ConfigError
from polyclinic.systems.kidney.phantoms.image import field_light
from polyclinic.systems.kidney.phantoms.light import LEVELS, defocus, draw_camera, expose, to_tiff
from polyclinic.systems.kidney.phantoms.patient import (
    DISEASES,
    STAINS,
    Disease,
    Patient,
    draw_patient,
)

_FILE = "table.csv"
COLUMNS = ("patient_id", "image", "stain", "label", "quality", "sharp_image")
BLURRED = 0.4
"""Share of the fields that are out of focus."""

_GOLDEN = (math.sqrt(5) - 1) / 2

Row = tuple[str | float, ...]


def make_cohort(
    folder: str | Path,
    *,
    patients: int,
    images_per_patient: int,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
    side: int = 128,
) -> Path:
    """Write `images/*.tif`, `sharp/*.tif` and a table; return the table.

    Every run of four patients holds each disease once; fields are stained for IgG, IgA and C3 in
    turn. Four fields in ten are out of focus, of levels 1 to 4: their `quality` is level / 4
    (0 sharp, 1 worst) and `sharp_image` is the same field taken in focus. The quality of the
    others is 0. Images depend on the seed, the patient's number and the image's number alone:
    more patients or images never change the earlier ones.

    Args:
        folder: made where it is missing.
        patients: number of patients, ids p001, p002 ...
        images_per_patient: fields; 3 or more show every stain.
        seed: the same seed gives the same bytes on the same library versions.
        progress: told how many of how many images are done.
        side: of the images in px, 48 to 1024.

    Raises:
        ConfigError: no patients or no images are asked for, or the side is out of range.
    """
    if patients < 1 or images_per_patient < 1:
        raise ConfigError(
            f"{patients} patients with {images_per_patient} images each", expected="at least 1"
        )
    folder = Path(folder).absolute()
    for name in ("images", "sharp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    for number in range(patients):
        patient = draw_patient(_disease(number, seed), _rng(seed, 1, number))
        for index in range(images_per_patient):
            rows.append(_write(folder, patient, number, index, seed, side))
            if progress is not None:
                progress(len(rows), patients * images_per_patient)
    return write_text(_table(rows), folder / _FILE)


def _write(folder: Path, patient: Patient, number: int, index: int, seed: int, side: int) -> Row:
    """Take a field, and once more in focus where it was not; return its row."""
    rng = _rng(seed, 2, number, index)
    stain, level = STAINS[index % len(STAINS)], _level(number, index, seed)
    amplitude = patient.amplitude(stain, rng)
    light = field_light(
        patient.disease.pattern, patient.slide, amplitude=amplitude, side=side, rng=rng
    )
    camera = draw_camera(rng)
    patient_id = f"p{number + 1:03d}"
    name = f"{patient_id}_{index + 1:02d}.tif"
    image, sharp = f"images/{name}", f"sharp/{name}" if level else ""
    (folder / image).write_bytes(to_tiff(expose(defocus(light, level), camera, rng)))
    if sharp:
        (folder / sharp).write_bytes(to_tiff(expose(light, camera, rng)))
    return (patient_id, image, stain, patient.disease.label, level / (LEVELS - 1), sharp)


def _table(rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue()


def _rng(seed: int, *key: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def _disease(number: int, seed: int) -> Disease:
    run, place = divmod(number, len(DISEASES))
    return DISEASES[_rng(seed, 0, run).permutation(len(DISEASES))[place]]


def _level(number: int, index: int, seed: int) -> int:
    """Shares are met closely in small cohorts too: a golden-ratio sequence, shifted by the seed."""
    place = (_rng(seed, 3).random() + number * _GOLDEN + index * math.sqrt(2)) % 1
    return 1 + int(place / BLURRED * (LEVELS - 1)) if place < BLURRED else 0
