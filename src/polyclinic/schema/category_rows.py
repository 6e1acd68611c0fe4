"""Class names and a landmark schema as COCO categories."""

from __future__ import annotations

from typing import Any

from polyclinic.schema.landmark_schema import LandmarkSchema


def category_rows(classes: tuple[str, ...], schema: LandmarkSchema | None) -> list[dict[str, Any]]:
    """Categories with ids from 1, each with the keypoints of the schema.

    `skeleton` holds pairs of keypoint numbers from 1, as in COCO; `swap` holds pairs of names and
    `sigmas` one number a keypoint, both added to COCO.
    """
    shared = {} if schema is None else _keypoint_keys(schema)
    return [{"id": number, "name": name, **shared} for number, name in enumerate(classes, start=1)]


def _keypoint_keys(schema: LandmarkSchema) -> dict[str, Any]:
    number = {name: row for row, name in enumerate(schema.names, start=1)}
    return {
        "keypoints": list(schema.names),
        "skeleton": [[number[a], number[b]] for a, b in schema.skeleton],
        "swap": [list(pair) for pair in schema.swaps],
        "sigmas": list(schema.sigmas),
    }
