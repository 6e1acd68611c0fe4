"""A cohort of films small enough to train on in a second: a spot of light a landmark."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from PIL import Image

from polyclinic.data import Cohort, write_coco
from polyclinic.sample import Spacing
from polyclinic.schema import KNEE_CLASSES, KNEE_LANDMARKS
from tests.systems.knee.films.painted import film, knee

SPACING = Spacing.square(1.5, "detector")
WIDE, TALL = (110, 200), (120, 90)
STAGE = {
    "data": {"frame": {"longest": 64}},
    "model": {"hourglass": {"width": 4, "depth": 2}},
    "train": {
        "steps": 2,
        "batch_size": 2,
        "warmup_steps": 1,
        "workers": 0,
        "max_minutes": None,
        "checkpoint_every": 1,
    },
}
TINY = {
    **STAGE,
    "data": {**STAGE["data"], "split": (0.5, 0.25, 0.25)},
    "film": {"half_mm": 180.0, "decoys": 0.5},
    "locate": STAGE,
}
"""Both networks in a second or two."""


def patient(number):
    """Films of all layouts; the first patient has an implant, the second lacks a knee."""
    rng = np.random.default_rng(number)

    def somewhere(x, y):
        return (x + rng.uniform(-8, 8), y + rng.uniform(-8, 8))

    named = {"image_id": number, "patient_id": f"P{number:02d}", "spacing": SPACING}
    if number % 4 == 3:
        side = ("right", "left")[number // 4 % 2]
        one = knee(somewhere(45, 60), side, SPACING, kl=number % 5, knee="native")
        return film(TALL, [one], laterality=side[0].upper(), **named)
    right = knee(somewhere(50, 55), "right", SPACING, kl=number % 5, knee="native")
    state = "implant" if number in (0, 4) else "native"
    grade = {} if state == "implant" else {"kl": (number + 2) % 5}
    left = knee(somewhere(150, 55), "left", SPACING, knee=state, **grade)
    return film(WIDE, [right] if number == 1 else [right, left], laterality="B", **named)


def cohort(folder, patients=12):
    """Films as PNG files, and their annotations in memory."""
    samples = []
    for number in range(patients):
        one = patient(number)
        file = folder / f"{number:02d}.png"
        Image.fromarray(one.pixels).save(file)
        samples.append(replace(one, image=None, file=str(file)))
    return Cohort(
        samples=tuple(samples),
        classes=KNEE_CLASSES,
        landmark_schema=KNEE_LANDMARKS,
        name="films",
    )


def as_coco(folder, changed=lambda cohort: cohort, name="films.json"):
    """Written as a COCO file, after a change."""
    write_coco(changed(cohort(folder)), folder / name)
    return folder / name


def as_table(folder, landmarks=KNEE_LANDMARKS.names):
    """Written as a CSV with a row a knee."""
    rows = []
    for sample in cohort(folder).samples:
        for one in sample.instances:
            x1, y1, x2, y2 = one.box
            row = {
                "image": sample.file.rpartition("/")[2],
                "patient_id": sample.patient_id,
                "laterality": sample.laterality,
                "spacing_mm": sample.spacing.row_mm,
                "class": KNEE_CLASSES[one.category],
                **{"x1": x1, "y1": y1, "x2": x2, "y2": y2},
                "object.kl": one.labels.get("kl"),
                "object.knee": one.labels["knee"],
            }
            for name in landmarks if one.landmarks is not None else ():
                x, y, _ = one.landmarks[KNEE_LANDMARKS.index(name)]
                row |= {f"{name}_x": x, f"{name}_y": y}
            rows.append(row)
    table = pd.DataFrame(rows).astype({"object.kl": "Int64"})
    table.to_csv(folder / "films.csv", index=False)
    return folder / "films.csv"
