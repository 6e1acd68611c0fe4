"""Phantom fields in focus: those to learn from as a table, those of other patients to be tested on.

Every test field is shown at five levels of blur; level 0 is the field as it was taken.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.data.degrade import add_noise, gaussian_blur
from polyclinic.systems.kidney.phantoms import DISEASES, STAINS, glomerulus_image
from polyclinic.systems.kidney.phantoms.patient import draw_patient

SIDE = 64
LEVELS = 5
BLUR = 0.05
"""Largest sigma, share of the side: 3.2 of 64 pixels. Levels are even steps up to it."""
NOISE = 0.02
"""Standard deviation of the noise of blurred fields, share of white."""
FIELDS = 4
"""Of a patient; the stains in turn."""

SEED = 0

Fields = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How many patients there are, a quarter of them with each disease."""

    training: int
    test: int

    @property
    def folder(self) -> str:
        """Of their fields."""
        return f"fields-{self.training}-{self.test}-{SIDE}px"


@dataclass(frozen=True, eq=False, kw_only=True)
class Drawn:
    """K fields in focus.

    Args:
        images: (K, SIDE, SIDE) 8 bit.
        labels: K.
        patients: K.
    """

    images: Fields
    labels: tuple[str, ...]
    patients: tuple[str, ...]

    def at(self, level: int) -> Fields:
        """The fields at a level of blur, with the same noise at every call."""
        if not level:
            return self.images
        sigma = level / (LEVELS - 1) * BLUR * SIDE
        rng = np.random.default_rng(level)
        blurred = [
            add_noise(gaussian_blur(one, sigma), 0.0, NOISE, rng)
            for one in self.images.astype(np.float32) / 255
        ]
        return np.rint(np.clip(blurred, 0, 1) * 255).astype(np.uint8)


def make_fields(home: Path, sizes: Sizes) -> Path:
    """Draw all fields, unless that has been done; return their folder."""
    folder = home / sizes.folder
    if (folder / "done").exists():
        return folder
    (folder / "images").mkdir(parents=True, exist_ok=True)
    rows = []
    for name, label, image in _fields(0, sizes.training):
        file = f"images/{name}.png"
        if not cv2.imwrite(str(folder / file), image):
            raise OSError(f"{folder / file} can't be written")
        rows.append((name.split("-")[0], file, label, "train"))
    with (folder / "table.csv").open("w", newline="", encoding="utf-8") as table:
        csv.writer(table).writerows([("patient_id", "image", "label", "split"), *rows])
    names, labels, images = zip(*_fields(sizes.training, sizes.test), strict=True)
    patients = [name.split("-")[0] for name in names]
    np.savez_compressed(
        folder / "test.npz", images=np.array(images), labels=labels, patients=patients
    )
    (folder / "done").touch()
    return folder


def drawn_fields(folder: Path) -> Drawn:
    """What `make_fields` drew of the test patients."""
    with np.load(folder / "test.npz") as stored:
        return Drawn(
            images=stored["images"],
            labels=tuple(stored["labels"].tolist()),
            patients=tuple(stored["patients"].tolist()),
        )


def _fields(first: int, count: int) -> Iterator[tuple[str, str, Fields]]:
    """Name, label and picture of each field of patients with consecutive numbers."""
    for number in range(first, first + count):
        rng = np.random.default_rng((SEED, number))
        patient = draw_patient(DISEASES[number % len(DISEASES)], rng)
        for field in range(FIELDS):
            stain = STAINS[(number // len(DISEASES) + field) % len(STAINS)]
            image = glomerulus_image(
                patient.disease.pattern,
                amplitude=patient.amplitude(stain, rng),
                side=SIDE,
                rng=rng,
            )
            label = patient.disease.label
            yield f"p{number:04d}-{field}", label, np.rint(image * 255).astype(np.uint8)
