"""COCO's results list: what other tools write of the images of a data set."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from polyclinic.data import Cohort
from polyclinic.data.coco.categories import ordered_categories
from polyclinic.errors import DataError
from polyclinic.reading import Reading
from polyclinic.runtime.stored.pair import Places
from polyclinic.runtime.stored.rows import (
    Place,
    Row,
    Values,
    crowd,
    has_points,
    made,
    numbers,
    read_box,
    read_masks,
    read_score,
)
from polyclinic.sample import Instance, Sample
from polyclinic.schema import LandmarkSchema

_VISIBILITIES = frozenset({0, 1, 2})


def read_results(results: list[Any], cohort: Cohort, file: str) -> list[Reading]:
    """One reading an image of the cohort; instances by descending score.

    Images are named by id, or by file name; classes by the category ids of the data. The third
    value of a keypoint is its visibility where all are 0, 1 or 2, else its confidence, as most
    tools write it.

    Raises:
        DataError: a row is none, or names an image or a class that the data lack.
    """
    of_sample = _by_sample(results, cohort, file)
    pointed = any(has_points(row) for rows in of_sample.values() for row, _ in rows)
    schema = cohort.landmark_schema if pointed else None
    if "categories" in cohort.extra:
        numbers_of = [row["id"] for row in ordered_categories(dict(cohort.extra))]
    else:
        numbers_of = list(range(1, len(cohort.classes) + 1))
    categories = {number: index for index, number in enumerate(numbers_of)}
    return [
        Reading(
            image_id=sample.image_id,
            size=sample.size,
            file=sample.file,
            patient_id=sample.patient_id,
            spacing=sample.spacing,
            classes=cohort.classes,
            landmark_schema=schema,
            instances=_instances(of_sample.pop(place, []), sample, categories, schema),
        )
        for place, sample in enumerate(cohort.samples)
    ]


def _by_sample(results: list[Any], cohort: Cohort, file: str) -> dict[int, list[tuple[Row, Place]]]:
    places = Places(cohort.samples)
    found: dict[int, list[tuple[Row, Place]]] = defaultdict(list)
    lost: dict[Any, None] = {}
    for index, row in enumerate(results):
        where = Place(file, f"row {index}")
        if not isinstance(row, dict):
            raise DataError(
                "is no object", expected='{"image_id", ...}', where=f"{file}, row {index}"
            )
        image = row.get("image_id")
        if isinstance(image, bool) or not isinstance(image, int | str):
            where.refuse("image_id", image, "a whole number or a text")
        place = places.of(image)
        if place is None:
            lost[image] = None
        else:
            found[place].append((row, where))
    if lost:
        some = ", ".join(repr(one) for one in list(lost)[:3])
        raise DataError(
            f"has results of {len(lost)} images that are not in the data: {some}",
            expected=f"images of {cohort.name}",
            where=file,
        )
    return found


def _instances(
    placed: list[tuple[Row, Place]],
    sample: Sample,
    categories: dict[int, int],
    schema: LandmarkSchema | None,
) -> tuple[Instance, ...]:
    masks = read_masks(placed, sample.size)
    found = []
    for (row, place), mask in zip(placed, masks, strict=True):
        number = row.get("category_id")
        if number is not None and (type(number) is not int or number not in categories):
            place.refuse("category_id", number, f"one of {', '.join(map(str, categories))}")
        landmarks, confidence = _landmarks(row, schema, place)
        found.append(
            made(
                place,
                Instance,
                box=read_box(row, mask, landmarks, place),
                category=None if number is None else categories[number],
                mask=mask,
                landmarks=landmarks,
                score=read_score(row, place),
                landmark_confidence=confidence,
                crowd=crowd(row),
            )
        )
    return tuple(sorted(found, key=lambda one: -(1.0 if one.score is None else one.score)))


def _landmarks(
    row: Row, schema: LandmarkSchema | None, place: Place
) -> tuple[Values | None, Values | None]:
    """(K, 3) landmarks and (K,) confidences where the row has any."""
    if not has_points(row):
        return None, None
    if schema is None:
        place.refuse("keypoints", row["keypoints"], "none, for the data name no landmarks")
    values = numbers(row, "keypoints", place, 3 * len(schema))
    landmarks = np.zeros((len(schema), 3)) if values is None else values.reshape(-1, 3)
    third = landmarks[:, 2].copy()
    if _VISIBILITIES.issuperset(third.tolist()):
        return landmarks, None
    landmarks[:, 2] = 2
    return landmarks, third if ((third >= 0) & (third <= 1)).all() else None
