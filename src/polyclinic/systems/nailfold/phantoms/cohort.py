"""Patients and their images, written as a data set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np

from polyclinic.data import Cohort, write_coco
from polyclinic.errors import ConfigError
from polyclinic.sample import Sample
from polyclinic.schema import NAILFOLD_CLASSES, NAILFOLD_LANDMARKS
from polyclinic.systems.nailfold.phantoms.disease import STATES, State
from polyclinic.systems.nailfold.phantoms.image import Finger, View, photograph
from polyclinic.systems.nailfold.phantoms.patient import NailfoldPhantomConfig, Side, draw_patient

_FILE = "annotations.coco.json"
_VIEWS: tuple[tuple[Side, Finger], ...] = tuple(
    (hand, finger) for finger in get_args(Finger) for hand in ("left", "right")
)


def make_cohort(
    folder: str | Path,
    *,
    patients: int,
    images_per_patient: int,
    seed: int,
    config: NailfoldPhantomConfig | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write `images/*.jpg` and a COCO file; return the COCO file.

    States are dealt out evenly over the patients, in random order. Images depend on the seed,
    the patient's number and the image's number alone: more images never change earlier ones.

    Args:
        folder: made where it is missing.
        patients: number of patients, ids p001, p002 ...
        images_per_patient: fingers 2 to 5 of both hands in turn.
        seed: the same seed gives the same bytes on the same library versions.
        config: frame, scale and camera.
        progress: told how many of how many images are done.

    Raises:
        ConfigError: no patients or no images are asked for.
    """
    if patients < 1 or images_per_patient < 1:
        raise ConfigError(
            f"{patients} patients with {images_per_patient} images each", expected="at least 1"
        )
    config = config or NailfoldPhantomConfig()
    folder = Path(folder).absolute()
    (folder / "images").mkdir(parents=True, exist_ok=True)
    samples: list[Sample] = []
    for number, state in enumerate(_deal_states(patients, seed)):
        patient = draw_patient(state, _rng(seed, 1, number))
        for index in range(images_per_patient):
            view = _view(number, index, images_per_patient)
            sample, data = photograph(patient, view, config, _rng(seed, 2, number, index))
            file = folder / "images" / f"{view.patient_id}_{index + 1:02d}.jpg"
            file.write_bytes(data)
            samples.append(replace(sample, file=str(file)))
            if progress is not None:
                progress(len(samples), patients * images_per_patient)
    cohort = Cohort(
        samples=tuple(samples),
        classes=NAILFOLD_CLASSES,
        landmark_schema=NAILFOLD_LANDMARKS,
        name=_FILE,
    )
    write_coco(cohort, folder / _FILE)
    return folder / _FILE


def _rng(seed: int, *key: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def _deal_states(patients: int, seed: int) -> list[State]:
    """Every run of four patients holds each state once."""
    rng = _rng(seed, 0)
    dealt: list[State] = []
    while len(dealt) < patients:
        dealt += [STATES[index] for index in rng.permutation(len(STATES))]
    return dealt[:patients]


def _view(number: int, index: int, images_per_patient: int) -> View:
    hand, finger = _VIEWS[index % len(_VIEWS)]
    return View(
        image_id=number * images_per_patient + index + 1,
        patient_id=f"p{number + 1:03d}",
        hand=hand,
        finger=finger,
    )
