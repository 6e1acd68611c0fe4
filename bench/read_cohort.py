"""Many small images and a reader that is light enough for all of them."""

from __future__ import annotations

import os
from itertools import cycle, islice
from pathlib import Path

from polyclinic.fitting.fit import fit
from polyclinic.systems.nailfold.phantoms import NailfoldPhantomConfig, make_cohort

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


def label_reader(folder: Path, *, patients: int, steps: int) -> tuple[Path, list[Path]]:
    """A reader of one label an image, so light that the stream around it has most of the work."""
    annotations = make_cohort(
        folder / "phantoms", patients=patients, images_per_patient=4, seed=0, config=PHANTOM
    )
    images = sorted((annotations.parent / "images").iterdir())
    table = folder / "labels.csv"
    rows = (f"{image},p{n // 4},{('odd', 'even')[n // 4 % 2]}" for n, image in enumerate(images))
    table.write_text("\n".join(("image,patient_id,label", *rows)) + "\n", encoding="utf-8")
    settings = {"data": {"frame": {"longest": 128}}, "model": {"encoder": "test_resnet"}}
    training = {"batch_size": 8, "warmup_steps": 5, "workers": 0, "steps": steps}
    fit("diagnose", table, folder / "run", settings | {"train": training})
    return folder / "run", images


def linked(images: list[Path], count: int, folder: Path) -> Path:
    """So many names for some images, which take up no more of the disk."""
    folder.mkdir()
    for number, image in enumerate(islice(cycle(images), count)):
        os.link(image, folder / f"{number:07}{image.suffix}")
    return folder
