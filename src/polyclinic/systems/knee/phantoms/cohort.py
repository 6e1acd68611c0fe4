"""Patients and their films, written as a data set."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from polyclinic.data import Cohort, write_coco
from polyclinic.errors import ConfigError
from polyclinic.sample import Sample, Spacing
from polyclinic.schema import KNEE_CLASSES, KNEE_LANDMARKS
from polyclinic.systems.knee.phantoms.dicom import Header, draw_encoding, write_film
from polyclinic.systems.knee.phantoms.film import draw_film
from polyclinic.systems.knee.phantoms.layout import Kind, draw_layout
from polyclinic.systems.knee.phantoms.patient import KneePhantomConfig, Patient, draw_patient
from polyclinic.systems.knee.phantoms.shape import GRADES
from polyclinic.systems.knee.phantoms.truth import instances

_FILE = "annotations.coco.json"
SIDES = {"R": "right", "L": "left", "B": "both"}

_GOLDEN = (math.sqrt(5) - 1) / 2


def make_cohort(
    folder: str | Path,
    *,
    patients: int,
    seed: int,
    config: KneePhantomConfig | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write `films/*.dcm` and a COCO file; return the COCO file.

    Every run of five patients holds each grade once. Films depend on the seed, the patient's
    number and the film's number alone: more patients never change earlier ones.

    Args:
        folder: made where it is missing.
        patients: number of patients, ids p001, p002 ...
        seed: the same seed gives the same bytes on the same library versions.
        config: what the films show.
        progress: told how many of how many films are done.

    Raises:
        ConfigError: no patients are asked for.
    """
    if patients < 1:
        raise ConfigError(f"{patients} patients", expected="at least 1")
    config = config or KneePhantomConfig()
    folder = Path(folder).absolute()
    (folder / "films").mkdir(parents=True, exist_ok=True)
    samples: list[Sample] = []
    for number in range(patients):
        patient = draw_patient(_grade(number, seed), config.implants, _rng(seed, 1, number))
        for index in range(config.films_per_patient):
            samples.append(_write(folder, patient, number, index, seed, config))
            if progress is not None:
                progress(len(samples), patients * config.films_per_patient)
    cohort = Cohort(
        samples=tuple(samples),
        classes=KNEE_CLASSES,
        landmark_schema=KNEE_LANDMARKS,
        name=_FILE,
    )
    write_coco(cohort, folder / _FILE)
    return folder / _FILE


def _write(
    folder: Path, patient: Patient, number: int, index: int, seed: int, config: KneePhantomConfig
) -> Sample:
    rng = _rng(seed, 2, number, index)
    layout = draw_layout(_kind(number, index, seed, config), config, rng)
    encoding = draw_encoding(rng)
    patient_id = f"p{number + 1:03d}"
    file = folder / "films" / f"{patient_id}{f'_{index + 1:02d}' if index else ''}.dcm"
    header = Header(
        patient_id=patient_id,
        key=(seed, number, index),
        laterality=layout.laterality,
        spacing_mm=layout.spacing_mm,
    )
    write_film(file, draw_film(patient, layout, rng), header, encoding)
    return Sample(
        image_id=number * config.films_per_patient + index + 1,
        size=layout.size,
        file=str(file),
        patient_id=patient_id,
        laterality=SIDES[layout.laterality],
        site="phantom",
        device=encoding.device,
        spacing=Spacing.square(layout.spacing_mm, "detector"),
        instances=instances(patient, layout),
        annotated=frozenset({"instances", "landmarks"}),
    )


def _rng(seed: int, *key: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def _grade(number: int, seed: int) -> int:
    run, place = divmod(number, len(GRADES))
    return int(_rng(seed, 0, run).permutation(GRADES)[place])


def _kind(number: int, index: int, seed: int, config: KneePhantomConfig) -> Kind:
    """Shares are met closely in small cohorts too: a golden-ratio sequence, shifted by the seed."""
    place = (_rng(seed, 3).random() + number * _GOLDEN + index * math.sqrt(2)) % 1
    if place < config.missing:
        return "missing"
    return "single" if place < config.missing + config.single else "both"
