"""A large set of annotated and found instances with boxes, masks and landmarks, in memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.case import Case
from polyclinic.reading import Reading
from polyclinic.sample import Instance, Mask, Sample
from polyclinic.schema import LandmarkSchema

SIZE = (768, 1024)
CLASSES = ("normal", "blurred", "haemorrhage", "abnormal", "aggregation")
LANDMARKS = 17
SCHEMA = LandmarkSchema(
    names=tuple(f"p{i}" for i in range(LANDMARKS)),
    sigmas=tuple(np.linspace(0.025, 0.107, LANDMARKS).round(3).tolist()),
)


def coco_set(images: int, instances: int, seed: int = 0) -> list[Case]:
    """Images of `instances` annotated ellipses, as many found: nine of ten moved, one elsewhere.

    Sides are 10 to 140 px, so that COCO's small, medium and large all occur; one annotated
    instance in fifty is a crowd; scores have two digits, so that ties are common.
    """
    random = np.random.default_rng(seed)
    return [_case(number, instances, random) for number in range(1, images + 1)]


def _case(number: int, count: int, random: np.random.Generator) -> Case:
    sides = np.exp(random.uniform(np.log(10), np.log(140), (count, 1))) * random.uniform(
        0.7, 1.3, (count, 2)
    )
    centres = random.uniform(sides / 2, np.array(SIZE[::-1]) - 1 - sides / 2)
    classes = random.integers(len(CLASSES), size=count)
    points = centres[:, None] + sides[:, None] * random.uniform(-0.5, 0.5, (count, LANDMARKS, 2))
    crowd = random.random(count) < 0.02
    true = tuple(
        _instance(*one, crowd=bool(is_crowd))
        for *one, is_crowd in zip(centres, sides, classes, points, crowd, strict=True)
    )
    return (
        Sample(image_id=number, size=SIZE, instances=true, patient_id=str(number // 4)),
        Reading(
            image_id=number,
            size=SIZE,
            classes=CLASSES,
            landmark_schema=SCHEMA,
            instances=_found(centres, sides, classes, points, random),
        ),
    )


def _found(
    centres: NDArray[np.float64],
    sides: NDArray[np.float64],
    classes: NDArray[np.int64],
    points: NDArray[np.float64],
    random: np.random.Generator,
) -> tuple[Instance, ...]:
    count = len(centres)
    noise = random.gamma(2, 0.03, (count, 1))
    moved = centres + sides * noise * random.normal(size=(count, 2))
    near = points + (sides * noise)[:, None] * random.normal(size=points.shape)
    grown = np.clip(sides * np.exp(noise * random.normal(size=(count, 2))), 4, 250)
    elsewhere = random.random(count) < 0.1
    moved[elsewhere] = random.uniform(0, SIZE[::-1], (int(elsewhere.sum()), 2))
    other = random.random(count) < 0.05
    read = np.where(other, random.integers(len(CLASSES), size=count), classes)
    sure = np.clip(0.9 - 2 * noise[:, 0] - 0.3 * elsewhere + random.normal(0, 0.1, count), 0, 1)
    kept = np.clip(moved, grown / 2 - 0.5, np.array(SIZE[::-1]) - 0.5 - grown / 2)
    found = [
        _instance(*one, score=float(score))
        for *one, score in zip(kept, grown, read, near, sure.round(2), strict=True)
    ]
    return tuple(sorted(found, key=lambda one: -(one.score or 0.0)))


def _instance(
    centre: NDArray[np.float64],
    sides: NDArray[np.float64],
    category: int,
    points: NDArray[np.float64],
    crowd: bool = False,
    score: float | None = None,
) -> Instance:
    mask = _ellipse(centre, sides)
    seen = np.concatenate([points, np.full((len(points), 1), 2.0)], axis=1)
    return Instance(
        box=mask.box(),
        category=int(category),
        mask=mask,
        landmarks=seen,
        crowd=crowd,
        score=score,
    )


def _ellipse(centre: NDArray[np.float64], sides: NDArray[np.float64]) -> Mask:
    (x, y), (width, height) = centre, np.maximum(sides, 4)
    left, top = max(int(x - width / 2), 0), max(int(y - height / 2), 0)
    right = min(int(x + width / 2) + 2, SIZE[1])
    bottom = min(int(y + height / 2) + 2, SIZE[0])
    across = (np.arange(left, right) - x) / (width / 2)
    down = (np.arange(top, bottom) - y) / (height / 2)
    patch = across**2 + down[:, None] ** 2 <= 1
    rows, columns = np.flatnonzero(patch.any(1)), np.flatnonzero(patch.any(0))
    tight = patch[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()
    return Mask(tight, left + int(columns[0]), top + int(rows[0]), SIZE)
