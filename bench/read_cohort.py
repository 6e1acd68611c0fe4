"""Many small images and a reader that is light enough for all of them."""

from __future__ import annotations

import os
from itertools import cycle, islice
from pathlib import Path

from polyclinic.phantoms.nailfold import NailfoldPhantomConfig, make_cohort
from polyclinic.recipes.fit import fit

PHANTOM = NailfoldPhantomConfig(size=(96, 128), um_per_px=9.5)
SETTINGS = {
    "data": {"frame": {"longest": 128}},
    "model": {"encoder": "test_resnet", "pyramid_channels": 16},
    "train": {"batch_size": 8, "warmup_steps": 5, "workers": 0},
}


def small_reader(folder: Path, *, patients: int, steps: int) -> tuple[Path, list[Path]]:
    """A nailfold run that was trained for a moment, and the images that it was trained on."""
    annotations = make_cohort(
        folder / "phantoms", patients=patients, images_per_patient=4, seed=0, config=PHANTOM
    )
    settings = SETTINGS | {"train": SETTINGS["train"] | {"steps": steps}}
    fit("nailfold", annotations, folder / "run", settings)
    return folder / "run", sorted((annotations.parent / "images").iterdir())


def linked(images: list[Path], count: int, folder: Path) -> Path:
    """So many names for some images, which take up no more of the disk."""
    folder.mkdir()
    for number, image in enumerate(islice(cycle(images), count)):
        os.link(image, folder / f"{number:07}{image.suffix}")
    return folder
