"""Nuclei to be degraded, and published pairs of degraded and sharp."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from bench.defocus_fields import DEEPEST, Pictures, read_deep, shares_of, write_deep, write_table
from numpy.typing import NDArray

from polyclinic.metrics.figure import Values
from polyclinic.sample import Sample

PAIR_SIDE = 100
PAIR_SHARP = "cell_image2.png"
PAIR_DEGRADED = (
    "cell_image_blurred.png",
    "cell_image_airy_blurred.png",
    "cell_image.png",
    "cell_image_degraded.png",
    "cell_image_poisson_noise.png",
    "cell_image_poisson_noise_py.png",
    "cell_image_vignetted.png",
)
"""Of one crop. The saturated ones hold grey values on another scale, and can't be compared."""

PAIR_TEACHERS = ("00_mcf-z-stacks-03212011_a19_s2_w1.png", "00_mcf-z-stacks-03212011_b01_s2_w1.png")
"""The sharper fields, but that of well a01, which may show the very cell of the pairs."""


def cut_pairs(home: Path, data: Path, white: int) -> Path:
    """Fields of the sharper nuclei images, as a table to be degraded in training."""
    rows = []
    for name in PAIR_TEACHERS:
        plane = read_deep(data / name)
        for top in range(0, plane.shape[0] - PAIR_SIDE + 1, PAIR_SIDE):
            for left in range(0, plane.shape[1] - PAIR_SIDE + 1, PAIR_SIDE):
                file = f"{Path(name).stem}-{top}-{left}.png"
                crop = plane[top : top + PAIR_SIDE, left : left + PAIR_SIDE]
                write_deep(home / file, crop, white)
                row = {"image": file, "patient_id": Path(name).stem, "split": "train"}
                rows.append(row | {"quality": 0})
    return write_table(home / "fields.csv", rows)


def read_pairs(home: Path, data: Path, white: int) -> Pictures:
    """The published pairs on the scale of the fields that teach; the files lie in `home`."""
    for name in (PAIR_SHARP, *PAIR_DEGRADED):
        write_deep(home / name, read_deep(data / name), white)
    files = [home / name for name in PAIR_DEGRADED]
    images = np.stack([shares_of(read_deep(file)) for file in files])
    return Pictures(
        samples=[
            Sample(image_id=file.stem, file=str(file), size=images[0].shape) for file in files
        ],
        images=images,
        sharp=np.repeat(shares_of(read_deep(home / PAIR_SHARP))[None], len(files), 0),
        levels=np.full(len(files), np.nan),
    )


def degraded(
    sharp: Values, degrade: Callable[[NDArray[np.uint16]], tuple[Any, float]], each: int
) -> Pictures:
    """Each sharp image (N, H, W) some times degraded, to choose settings by."""
    partners = np.repeat(sharp, each, 0)
    views = [degrade(np.rint(one * DEEPEST).astype(np.uint16)) for one in partners]
    return Pictures(
        samples=[Sample(image_id=row, size=one.shape) for row, one in enumerate(partners)],
        images=np.stack([shares_of(view) for view, _ in views]),
        sharp=partners,
        levels=np.array([level for _, level in views]),
    )
