"""What pycocotools says of cases, and cases drawn at random to ask it about."""

import contextlib
import io
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from polyclinic.sample import Instance, Mask
from polyclinic.sample.rle import mask_to_coco
from polyclinic.schema import LandmarkSchema
from tests.metrics.cases import case

SIZE = (60, 200)
CLASSES = ("first", "second", "third")
SCHEMA = LandmarkSchema(names=("a", "b", "c"), sigmas=(0.05, 0.1, 0.3))
IOU_TYPE = {"box": "bbox", "mask": "segm", "landmarks": "keypoints"}


def instance(x, y, width, height, points, **known):
    """A rectangle with a notch, so that mask and box differ."""
    full = np.zeros(SIZE, bool)
    full[y : y + height, x : x + width] = True
    full[y : y + height // 3, x : x + width // 3] = False
    box = np.array([x - 0.5, y - 0.5, x + width - 0.5, y + height - 0.5])
    return Instance(box=box, mask=Mask.from_array(full), landmarks=points, **known)


@st.composite
def instances(draw, *, found):
    """Rectangles on a coarse grid, so that equal overlaps and equal scores are common."""
    drawn = []
    for _ in range(draw(st.integers(0, 6))):
        x, y = 4 * draw(st.integers(0, 12)), 4 * draw(st.integers(0, 3))
        width, height = draw(st.sampled_from([4, 8, 12, 40, 120])), 4 * draw(st.integers(1, 10))
        points = np.array([[x, y, 2], [x + width, y, 2], [x, y + height, 2]], float)
        points[:, :2] += draw(st.sampled_from([0, 0, 1, 3]))
        if not found:
            points[draw(st.lists(st.integers(0, 2), max_size=3)), 2] = 0
        known = (
            {"score": draw(st.sampled_from([0.0, 0.3, 0.5, 0.5, 0.9]))}
            if found
            else {"crowd": draw(st.sampled_from([False] * 5 + [True]))}
        )
        drawn.append(
            instance(x, y, width, height, points, category=draw(st.integers(0, 2)), **known)
        )
    return tuple(drawn)


@st.composite
def case_lists(draw, most=5):
    """Cases of annotated and found instances, either of which may be none."""
    return [
        case(
            draw(instances(found=False)),
            draw(instances(found=True)),
            number,
            classes=CLASSES,
            landmark_schema=SCHEMA,
        )
        for number in range(1, draw(st.integers(1, most)) + 1)
    ]


def with_found(pair, found):
    """The case with other found instances."""
    return case(pair[0].instances, found, pair[0].image_id, classes=CLASSES, landmark_schema=SCHEMA)


def untied(cases):
    """The cases with scores that say the order in which COCO walks, no two alike."""
    flat = [
        (-one.score, i, j)
        for i, pair in enumerate(cases)
        for j, one in enumerate(pair[1].instances)
    ]
    place = {(i, j): n for n, (_, i, j) in enumerate(sorted(flat))}
    return [
        with_found(
            pair,
            tuple(
                replace(one, score=1 - place[i, j] / 1000)
                for j, one in enumerate(pair[1].instances)
            ),
        )
        for i, pair in enumerate(cases)
    ]


def pycoco(cases, kind, most=(1, 10, 100)):
    """Precision (T, 101, C, areas, 3) and recall (T, C, areas, 3); -1 where there is none."""
    truth = COCO()
    annotated = [row for i, pair in enumerate(cases, 1) for row in _rows(pair[0].instances, i)]
    truth.dataset = {
        "info": {},
        "images": [
            {"id": i, "height": SIZE[0], "width": SIZE[1]} for i in range(1, len(cases) + 1)
        ],
        "categories": [{"id": i, "name": name} for i, name in enumerate(CLASSES, 1)],
        "annotations": [{"id": i, **row} for i, row in enumerate(annotated, 1)],
    }
    key = {"box": "bbox", "mask": "segmentation", "landmarks": "keypoints"}[kind]
    found = [
        {"score": one.score, **{k: row[k] for k in ("image_id", "category_id", key)}}
        for i, pair in enumerate(cases, 1)
        for one, row in zip(pair[1].instances, _rows(pair[1].instances, i), strict=True)
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        results = truth.loadRes(found) if found else _nothing(truth)
        judge = COCOeval(truth, results, IOU_TYPE[kind])
        judge.params.kpt_oks_sigmas = np.array(SCHEMA.sigmas)
        judge.params.maxDets = list(most)
        judge.evaluate()
        judge.accumulate()
    return judge.eval["precision"], judge.eval["recall"]


def _nothing(truth):
    empty = COCO()
    empty.dataset = {**truth.dataset, "annotations": []}
    empty.createIndex()
    return empty


def _rows(instances, image):
    for one in instances:
        x1, y1, x2, y2 = one.box
        yield {
            "image_id": image,
            "category_id": one.category + 1,
            "bbox": [x1 + 0.5, y1 + 0.5, x2 - x1, y2 - y1],
            "segmentation": mask_to_coco(one.mask),
            "area": one.mask.area,
            "iscrowd": int(one.crowd),
            "keypoints": one.landmarks.ravel().tolist(),
            "num_keypoints": int((one.landmarks[:, 2] > 0).sum()),
        }


def mean(table):
    """Of what exists; NaN of nothing."""
    known = table[table > -1]
    return known.mean() if known.size else np.nan
