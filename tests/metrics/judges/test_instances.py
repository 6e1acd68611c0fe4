from dataclasses import replace

import numpy as np
import pytest
from faster_coco_eval import COCO, COCOeval_faster
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score

from polyclinic.metrics.judges import landmarks
from polyclinic.metrics.judges.instances import figures
from polyclinic.metrics.matching import match_cases
from polyclinic.metrics.only_object import only_object_figures
from polyclinic.sample import Instance
from polyclinic.schema import LandmarkSchema
from tests.metrics.cases import ABNORMAL, NORMAL, block, case, row_of_blocks
from tests.metrics.detect.coco_oracle import case_lists, untied


def values(cases, accept=0.5, weights=None):
    every = np.ones(len(cases)) if weights is None else np.array(weights, float)
    return {one.name: one.value(every) for one in figures(cases, accept)}


def test_every_figure_has_its_name_and_table():
    true = tuple(replace(one, category=i % 2) for i, one in enumerate(row_of_blocks()))
    found = figures([case(true, true)], 0.5)
    assert [one.name for one in found] == [
        "instance_f1",
        "instance_precision",
        "instance_recall",
        "instance_f1_any_class",
        "class_accuracy",
        "balanced_class_accuracy",
        "froc_mean",
        *(
            f"{kind}_{name}"
            for kind in ("box", "mask")
            for name in ("ap", "ap50", "ap75", "ap_small", "ar1", "ar10", "ar100")
        ),
    ]
    assert {one.group for one in found} == {"instances"}
    assert all(one.value(np.ones(1)) == pytest.approx(1) for one in found if one.name[-2:] != "r1")


def test_nothing_is_said_of_what_nobody_looked_for():
    assert figures([], 0.5) == []
    assert figures([case(None, row_of_blocks())], 0.5) == []
    boxes = tuple(replace(one, mask=None) for one in row_of_blocks())
    names = values([case(row_of_blocks(), boxes)])
    assert "box_ap" in names
    assert "mask_ap" not in names


def test_the_score_decides_what_counts():
    blocks = row_of_blocks(4)
    read = [replace(one, score=0.2 * i) for i, one in enumerate(blocks)]
    found = values([case(blocks, read)], accept=0.4)
    assert found["instance_recall"] == 0.5
    assert found["instance_precision"] == 1
    assert found["instance_f1"] == pytest.approx(2 / 3)
    assert found["froc_mean"] == 1


@settings(max_examples=60, deadline=None)
@given(case_lists(), st.sampled_from([0.0, 0.4, 0.5]))
def test_counts_are_those_of_the_matches(cases, accept):
    matched = match_cases(cases, min_score=accept)
    hits = sum(len(one.match.pairs) for one in matched)
    missed = sum(len(one.match.missed) for one in matched)
    spurious = sum(len(one.match.spurious) for one in matched)
    found = values(cases, accept)
    for name, above, below in (
        ("f1", 2 * hits, 2 * hits + missed + spurious),
        ("precision", hits, hits + spurious),
        ("recall", hits, hits + missed),
    ):
        assert found[f"instance_{name}"] == (pytest.approx(above / below) if below else None)
    found_any = match_cases(cases, min_score=accept, by_class=False)
    classes = [(t.category, r.category) for one in found_any for t, r in one.pairs]
    if classes:
        true, read = np.array(classes).T
        expected = np.mean([(read[true == c] == c).mean() for c in np.unique(true)])
        assert found["class_accuracy"] == pytest.approx((true == read).mean())
        assert found["balanced_class_accuracy"] == pytest.approx(expected)


def test_of_two_objects_in_one_place_the_one_of_its_class_is_meant():
    true = [block(5, category=NORMAL), block(5, category=ABNORMAL)]
    assert values([case(true, [block(5, category=ABNORMAL)])])["class_accuracy"] == 1


def test_classes_have_honest_baselines():
    true = [block(5 + 20 * i, category=NORMAL) for i in range(3)] + [block(80, category=ABNORMAL)]
    read = [replace(one, category=NORMAL) for one in true]
    by_name = {one.name: one for one in figures([case(true, read)], 0.5)}
    once = np.ones((1, 1))
    accuracy, balanced = by_name["class_accuracy"], by_name["balanced_class_accuracy"]
    assert accuracy.weighted(once)[0] == accuracy.baseline(once)[0] == 0.75
    assert balanced.weighted(once)[0] == balanced.baseline(once)[0] == 0.5
    labels = [one.category for one in true], [one.category for one in read]
    assert balanced.weighted(once)[0] == balanced_accuracy_score(*labels)


@settings(max_examples=40, deadline=None)
@given(case_lists(), st.data())
def test_a_weight_is_so_many_copies(cases, data):
    cases = untied(cases)
    weights = data.draw(st.lists(st.integers(0, 3), min_size=len(cases), max_size=len(cases)))
    copies = [one for one, k in zip(cases, weights, strict=True) for _ in range(k)]
    weighted, repeated = values(cases, weights=weights), values(copies)
    for name, value in weighted.items():
        assert value == pytest.approx(repeated.get(name), abs=1e-9), name


def test_each_case_alone():
    blocks = row_of_blocks(4)
    cases = [case(blocks, blocks[:2], 1), case(None, blocks, 2), case((), blocks[:1], 3)]
    f1 = next(one for one in figures(cases, 0.5) if one.name == "instance_f1")
    assert f1.by_case == pytest.approx([2 / 3, np.nan, 0], nan_ok=True)
    assert f1.counts.tolist() == [4, 0, 0]


def test_swapped_classes_are_no_hits():
    true = [block(5), block(60, category=ABNORMAL)]
    read = [block(5, score=0.9, category=ABNORMAL), block(60, score=0.8)]
    found = values([case(true, read)])
    assert found["instance_f1"] == found["instance_recall"] == found["froc_mean"] == 0
    assert (found["instance_f1_any_class"], found["class_accuracy"]) == (1, 0)


def test_a_class_that_nobody_named_goes_with_any():
    unnamed = [block(5, category=None)]
    assert values([case(unnamed, [block(5, score=0.9)])])["instance_f1"] == 1
    assert values([case([block(5)], [block(5, score=0.9, category=None)])])["instance_f1"] == 1


def many(number=266, mask=False):
    """Boxes of 4 px in rows: more in an image than COCO's evaluation looks at."""
    corners = [(7 * (i % 28) - 0.5, 6 * (i // 28) - 0.5) for i in range(number)]
    return [
        Instance(box=np.array([x, y, x + 4, y + 4]), category=NORMAL, score=1 - i / 1000)
        for i, (x, y) in enumerate(corners)
    ]


def test_perfect_boxes_are_perfect_however_many_there_are():
    cases = [case(many(), many())]
    found = {one.name: one.metric(np.ones(1), None, None) for one in figures(cases, 0.5)}
    assert found["box_ap"].value == pytest.approx(1)
    assert found["box_ap"].setting == "all finds, up to 266 an image and class"
    by_rule = found["box_ap_maxdets100"]
    assert by_rule.value == pytest.approx(100 / 266, abs=0.01)
    assert by_rule.setting == "the surest 100 finds an image and class"
    assert found["box_ar_all"].value == pytest.approx(1)
    assert "box_ap_maxdets100" not in values([case(many(100), many(100))])


@pytest.mark.parametrize("most", [100, 500])
def test_many_boxes_as_faster_coco_eval_judges_them(most):
    random = np.random.default_rng(0)
    cases = [
        case(
            many(),
            [
                replace(one, box=one.box + random.normal(0, 0.4, 4), score=float(random.random()))
                for one in many()
            ],
            image,
        )
        for image in (1, 2)
    ]
    truth = {
        "images": [{"id": image, "width": 200, "height": 60} for image in (1, 2)],
        "categories": [{"id": 1, "name": "normal"}],
        "annotations": [
            {"id": i, "iscrowd": 0, "area": 16.0, **row}
            for i, row in enumerate(coco_rows(cases, 0), 1)
        ],
    }
    known = COCO(truth)
    judge = COCOeval_faster(known, known.loadRes(list(coco_rows(cases, 1))), "bbox")
    judge.params.maxDets = [1, 10, most]
    judge.evaluate()
    judge.accumulate()
    expected = judge.eval["precision"][:, :, 0, 0, -1].mean()
    name = "box_ap" if most > 266 else "box_ap_maxdets100"
    assert values(cases)[name] == pytest.approx(expected, abs=1e-9)


def coco_rows(cases, side):
    for one in cases:
        for instance in one[side].instances:
            x1, y1, x2, y2 = instance.box
            yield {
                "image_id": one[0].image_id,
                "category_id": 1,
                "bbox": [x1 + 0.5, y1 + 0.5, x2 - x1, y2 - y1],
                "score": instance.score,
            }


def point(x, y, *, size=(0, 0), **known):
    """A single landmark; its box is as large as nobody drew it, unless a size is given."""
    low, high = np.array([x, y]) - np.array(size) / 2, np.array([x, y]) + np.array(size) / 2
    marks = np.array([[x, y, 2.0]])
    return Instance(box=np.concatenate([low, high]), category=0, landmarks=marks, **known)


CENTRE = {"classes": ("disc",), "landmark_schema": LandmarkSchema(names=("c",), sigmas=(0.1,))}


@pytest.mark.parametrize(
    ("true", "moved", "hit"),
    [
        (point(100, 30), (9, 0), True),  # within 5 % of 200 px
        (point(100, 30), (0, 11), False),
        (point(100, 30, size=(1, 1)), (9, 0), True),
        (point(100, 30, size=(60, 60)), (19, 0), True),  # within a third of the box
        (point(100, 30, size=(60, 60)), (21, 0), False),
    ],
)
def test_a_single_landmark_is_found_near_by(true, moved, hit):
    read = point(100 + moved[0], 30 + moved[1], score=0.9)
    cases = [case([true], [read], **CENTRE)]
    found = values(cases)
    assert (found["instance_f1"], found["instance_recall"]) == (hit, hit)
    of_landmarks = {one.name: one.value(np.ones(1)) for one in landmarks.figures(cases, 0.5)}
    assert of_landmarks["landmarks_found"] == hit
    assert of_landmarks["landmark_error_median"] == (
        pytest.approx(np.hypot(*moved)) if hit else None
    )


def test_what_needs_a_size_is_not_made_up_without_one():
    cases = [case([point(100, 30)], [point(101, 30, score=0.9)], **CENTRE)]
    found = {one.name: one for one in (*figures(cases, 0.5), *landmarks.figures(cases, 0.5))}
    assert not {"box_ap", "oks_ap"} & set(found)
    assert found["landmark_oks"].value(np.ones(1)) is None
    assert found["instance_f1"].setting.startswith("landmarks without a box: within 5%")
    (oks,) = (one for one in only_object_figures(cases) if one.name == "only_object_oks")
    assert oks.value(np.ones(1)) is None
