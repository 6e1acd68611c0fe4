"""Exports in VIA's form about two small images."""

from __future__ import annotations

import csv
import json

import pytest
from PIL import Image

HEADER = [
    "filename",
    "file_size",
    "file_attributes",
    "region_count",
    "region_id",
    "region_shape_attributes",
    "region_attributes",
]
WIDTH, HEIGHT = 60, 40


def point(x, y, **attributes):
    return {"name": "point", "cx": x, "cy": y}, attributes


def rect(x, y, width, height, **attributes):
    return {"name": "rect", "x": x, "y": y, "width": width, "height": height}, attributes


def rows_of(file, regions, **attributes):
    """What VIA writes about one image: a row a region, or one row without any."""
    start = [file, 1234, json.dumps(attributes), len(regions)]
    if not regions:
        return [[*start, 0, "{}", "{}"]]
    return [
        [*start, number, json.dumps(shape), json.dumps(said)]
        for number, (shape, said) in enumerate(regions)
    ]


@pytest.fixture
def via(tmp_path):
    """Write rows to export.csv beside a.png and b.png."""
    for name in ("a.png", "b.png"):
        Image.new("L", (WIDTH, HEIGHT)).save(tmp_path / name)

    def write(*rows, header=HEADER):
        path = tmp_path / "export.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        return path

    return write
