"""Hypothesis strategies for COCO data sets with everything the format allows."""

from __future__ import annotations

import numpy as np
from faster_coco_eval.core import mask as coco_mask
from hypothesis import strategies as st

HEIGHT, WIDTH = 24, 32
KEYPOINTS = ["tip", "left", "right"]

ids = st.integers(0, 10**6) | st.text("abc-", min_size=1, max_size=6)
inside_x, inside_y = st.floats(0, WIDTH - 1), st.floats(0, HEIGHT - 1)
words = st.text(min_size=1, max_size=5)
# Punctuation alone names nobody, and a data set whose ids name nobody is refused.
people = st.from_regex(r"[a-zé]{1,2}[ -]?[0-9]{1,2}", fullmatch=True)
plain = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-9, 9) | words
unknown_keys = st.dictionaries(words.map("my_{}".format), plain | st.lists(plain), max_size=2)


def _runs(seed: int, share: float) -> list[int]:
    flat = (np.random.default_rng(seed).random((WIDTH, HEIGHT)) < share).ravel()
    flat[seed % flat.size] = True
    edges = np.flatnonzero(np.diff(flat, prepend=False, append=~flat[-1]))
    return [int(run) for run in np.diff(edges, prepend=0)]


@st.composite
def segmentations(draw):
    kind = draw(st.sampled_from(["polygons", "counts", "string"]))
    if kind == "polygons":
        parts = []
        for _ in range(draw(st.integers(1, 3))):
            x, y = draw(st.floats(0, WIDTH - 8)), draw(st.floats(0, HEIGHT - 8))
            w, h = draw(st.floats(2, 8)), draw(st.floats(2, 8))
            parts.append([x, y, x + w, y, x + w, y + h, x, y + h])
        return parts
    counts = _runs(draw(st.integers(0, 999)), draw(st.sampled_from([0.02, 0.5, 0.95])))
    rle = {"size": [HEIGHT, WIDTH], "counts": counts}
    if kind == "string":
        packed = coco_mask.frPyObjects(rle, HEIGHT, WIDTH)
        rle["counts"] = packed["counts"].decode()
    return rle


@st.composite
def keypoints(draw):
    points = [[draw(inside_x), draw(inside_y), draw(st.sampled_from([0, 1, 2]))] for _ in KEYPOINTS]
    return [value for point in points for value in point]


@st.composite
def annotations(draw, image_ids, category_ids, with_keypoints):
    x, y = draw(st.floats(0, WIDTH - 2)), draw(st.floats(0, HEIGHT - 2))
    row = {
        "image_id": draw(st.sampled_from(image_ids)),
        "bbox": [x, y, draw(st.floats(0.5, WIDTH)), draw(st.floats(0.5, HEIGHT))],
    } | draw(unknown_keys)
    if category_ids:
        row["category_id"] = draw(st.sampled_from(category_ids))
    optional = {
        "segmentation": segmentations() | st.sampled_from([None, []]),
        "area": st.floats(0, 99),
        "iscrowd": st.sampled_from([0, 1]),
        "rater": words | st.integers(1, 3),
        "labels": st.dictionaries(words, plain, max_size=2),
        "score": st.floats(0, 1),
    }
    if with_keypoints:
        optional["keypoints"] = keypoints() | st.sampled_from([None, [], [0] * 9])
    for key, strategy in optional.items():
        if draw(st.booleans()):
            row[key] = draw(strategy)
    if row.get("segmentation") and draw(st.booleans()):
        del row["bbox"]
    return row


@st.composite
def images(draw):
    row = {"file_name": draw(st.sampled_from(["a.png", "b.png"]))} | draw(unknown_keys)
    if draw(st.booleans()):
        row |= {"height": HEIGHT, "width": WIDTH}
    optional = {
        "patient_id": people | st.integers(1, 3),
        "study_id": people,
        "laterality": st.sampled_from(["L", "R"]),
        "site": words,
        "device": words,
        "spacing_mm": st.lists(st.floats(1e-4, 2), min_size=2, max_size=2),
        "spacing_source": st.sampled_from(["calibrated", "detector", "assumed"]),
        "labels": st.dictionaries(words, plain, max_size=2),
        "annotated": st.lists(st.sampled_from(["instances", "masks", "landmarks"]), unique=True),
        "split": st.sampled_from(["train", "val", "test"]),
        "sharp_file_name": st.sampled_from(["a.png", "b.png", "none.png", "", 7, None]),
    }
    for key, strategy in optional.items():
        if draw(st.booleans()):
            row[key] = draw(strategy)
    return row


def _category(number: int, name: str, with_keypoints: bool) -> dict:
    row = {"id": number, "name": name, "supercategory": "thing"}
    if with_keypoints:
        row |= {"keypoints": KEYPOINTS, "skeleton": [[1, 2], [1, 3]], "swap": [["left", "right"]]}
    return row


@st.composite
def documents(draw):
    """A whole data set: sparse unordered ids, interleaved rows, keys that nobody knows."""
    category_ids = draw(st.lists(st.integers(0, 99), unique=True, max_size=4))
    pointed = [draw(st.booleans()) for _ in category_ids]
    image_rows = [
        {"id": number} | draw(images()) for number in draw(st.lists(ids, unique=True, max_size=3))
    ]
    rows = []
    if image_rows:
        image_ids = [row["id"] for row in image_rows]
        numbers = draw(st.lists(ids, unique=True, max_size=6))
        rows = [
            {"id": number} | draw(annotations(image_ids, category_ids, any(pointed)))
            for number in numbers
        ]
    return {
        "images": image_rows,
        "annotations": rows,
        "categories": [
            _category(number, f"class {place}", wanted)
            for place, (number, wanted) in enumerate(zip(category_ids, pointed, strict=True))
        ],
    } | draw(unknown_keys)
