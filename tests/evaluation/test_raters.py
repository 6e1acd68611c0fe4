"""A reader that draws as rater A does, judged where A, B and C drew."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from polyclinic.errors import DataError
from polyclinic.evaluation.cases import case_table
from polyclinic.evaluation.evaluate import evaluate
from polyclinic.sample import Mask
from polyclinic.sample.rle import mask_to_coco

SIZE = (40, 60)
RATERS = {"A": 0, "B": 1, "C": 6}
IMAGES = 8


def drawn(image, shift):
    pixels = np.zeros(SIZE, bool)
    pixels[8:20, 5 + image + shift : 17 + image + shift] = True
    return mask_to_coco(Mask.from_array(pixels))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raters")
    size = {"height": SIZE[0], "width": SIZE[1]}
    images = [
        {"id": one, "file_name": f"{one}.png", "patient_id": f"P{one}", **size}
        for one in range(IMAGES)
    ]
    for image in images:
        Image.new("L", SIZE[::-1]).save(folder / image["file_name"])
    rows = [
        {"image_id": image, "category_id": 1, "rater": rater, "segmentation": drawn(image, shift)}
        for image in range(IMAGES)
        for rater, shift in RATERS.items()
    ]
    rows = [{"id": number, **row} for number, row in enumerate(rows, 1)]
    document = {"images": images, "categories": [{"id": 1, "name": "cell"}], "annotations": rows}
    (folder / "set.json").write_text(json.dumps(document))
    read = [
        {"image_id": one, "category_id": 1, "segmentation": drawn(one, 0), "score": 0.9}
        for one in range(IMAGES)
    ]
    (folder / "readings.json").write_text(json.dumps(read))
    return folder / "readings.json", folder / "set.json"


def test_it_is_refused_until_it_is_said_what_counts(files):
    with pytest.raises(DataError, match="type --reference one:A"):
        evaluate(*files)


@pytest.mark.parametrize(
    ("reference", "f1", "dice"),
    [
        ("one:A", 1, 1),
        ("one:B", 1, 11 / 12),
        # Of A, B and C two share the columns 1 to 12 of A's 0 to 11.
        ("majority", 1, 11 / 12),
        # C overlaps by a third: of each three cases two are hits.
        ("each", 2 / 3, (1 + 11 / 12 + 6 / 12) / 3),
    ],
)
def test_what_counts_is_what_is_judged_by(files, reference, f1, dice):
    evaluation = evaluate(*files, reference=reference)
    assert evaluation.metric("instance_f1").value == pytest.approx(f1)
    assert evaluation.metric("mask_dice").value == pytest.approx(dice)
    document = evaluation.to_json()
    assert (document["images"], document["reference"]) == (IMAGES, reference)
    assert document["patients"] == IMAGES


def test_figures_against_each_rater_stand_beside(files):
    evaluation = evaluate(*files, reference="each")
    raters = {one.value: one for one in evaluation.subgroups if one.attribute == "rater"}
    named = {name: {m.name: m.value for m in one.metrics} for name, one in raters.items()}
    assert {name: one["instance_f1"] for name, one in named.items()} == {"A": 1, "B": 1, "C": 0}
    table = case_table(evaluation)
    assert table["rater"].tolist() == ["A", "B", "C"] * IMAGES
