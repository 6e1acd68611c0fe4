"""A painted nailfold with an annotation and a reading of it, for overlays and reports."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.reading import Measurement, Reading
from polyclinic.sample import Instance, Mask, Sample, Spacing
from polyclinic.schema import LandmarkSchema

CLASSES = ("normal", "blur", "haemorrhage", "abnormal", "aggregation")
SCHEMA = LandmarkSchema(
    names=("U", "D", "LL", "LR", "RL", "RR", "LB", "RB"),
    swaps=(("LL", "RR"), ("LR", "RL"), ("LB", "RB")),
    skeleton=(("U", "D"), ("LL", "LR"), ("RL", "RR"), ("LR", "LB"), ("RL", "RB")),
)


def paint_hairpins(
    size: tuple[int, int] = (384, 512), loops: int = 7, seed: int = 0
) -> tuple[NDArray[np.uint8], Sample, Reading]:
    """Image, annotation, and a reading that errs a little and misses the last loop."""
    rng = np.random.default_rng(seed)
    height, width = size
    ground = np.array([214, 160, 132]) + cv2.GaussianBlur(
        rng.normal(0, 60, (*size, 1)).astype(np.float32), (0, 0), 14
    ).reshape(*size, 1)
    image = np.clip(ground + rng.normal(0, 4, (*size, 3)), 0, 255)
    truth, found, measurements = [], [], []
    for row in range(loops):
        x = width * (row + 0.5 + 0.12 * rng.normal()) / loops
        y = height * (0.42 + 0.05 * rng.normal())
        thick = max(2.0, size[1] / 70 * (1.9 if row == 3 else 1) * rng.uniform(0.8, 1.15))
        mask, landmarks = _hairpin(size, x, y, thick, rng.uniform(0.3, 0.44) * height)
        share = cv2.GaussianBlur(mask.array().astype(np.float32), (0, 0), 1.2)[..., None]
        image = image * (1 - 0.75 * share) + np.array([120, 34, 40]) * 0.75 * share
        category = 3 if row == 3 else 2 if row == 5 else 0
        truth.append(Instance(box=mask.box(), category=category, mask=mask, landmarks=landmarks))
        if row == loops - 1 and loops > 1:
            continue
        jitter = np.column_stack([rng.normal(0, 0.8, (8, 2)), np.zeros(8)])
        found.append(
            Instance(
                box=mask.box() + rng.normal(0, 0.5, 4),
                category=category,
                mask=mask,
                landmarks=landmarks + jitter,
                score=float(rng.uniform(0.7, 0.99)),
            )
        )
        apical = float(np.hypot(*(landmarks[0] - landmarks[1])[:2])) * 1.7
        measurements.append(
            Measurement(
                name="apical_diameter",
                value=apical,
                unit="um",
                lower=apical - 1.8,
                upper=apical + 1.8,
                scale_source="calibrated",
                instance=row,
            )
        )
    spacing = Spacing.square(0.0017, "calibrated")
    sample = Sample(
        image_id=seed,
        size=size,
        file=f"p{seed:02d}_finger2.jpg",
        patient_id=f"P{seed:02d}",
        spacing=spacing,
        instances=tuple(truth),
    )
    reading = Reading(
        image_id=seed,
        size=size,
        file=sample.file,
        patient_id=sample.patient_id,
        spacing=spacing,
        classes=CLASSES,
        landmark_schema=SCHEMA,
        instances=tuple(found),
        measurements=tuple(measurements),
    )
    return image.clip(0, 255).astype(np.uint8), sample, reading


def _hairpin(
    size: tuple[int, int], x: float, y: float, thick: float, length: float
) -> tuple[Mask, NDArray[np.float64]]:
    half = 1.35 * thick
    turn = np.linspace(np.pi, 2 * np.pi, 24)
    arch = np.column_stack([x + half * np.cos(turn), y + 1.2 * half * np.sin(turn)])
    line = np.concatenate([[[x - half, y + length]], arch, [[x + half, y + length]]])
    canvas = np.zeros(size, np.uint8)
    cv2.polylines(canvas, [np.round(line * 16).astype(np.int32)], False, 1, round(thick), 8, 4)
    top, low, edge = y - 1.2 * half, y + 0.4 * length, thick / 2
    landmarks = [
        (x, top - edge), (x, top + edge),
        (x - half - edge, low), (x - half + edge, low),
        (x + half - edge, low), (x + half + edge, low),
        (x - half, y + length - edge), (x + half, y + length - edge),
    ]  # fmt: skip
    return Mask.from_array(canvas > 0), np.array([(*place, 2.0) for place in landmarks])
