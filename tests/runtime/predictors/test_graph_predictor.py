"""Graphs are run one after the other, and what they say is kept."""

import numpy as np
import pytest

from polyclinic.decoding import Detector
from polyclinic.errors import ImageError
from polyclinic.runtime.predictors.graph_predictor import GraphPredictor

IMAGE = np.zeros((40, 60, 3), np.uint8)
DETECTOR = Detector(
    classes=1,
    strides=(32,),
    anchors=(((-8.0, -8.0, 8.0, 8.0),),),
    before_nms=10,
    after_nms=10,
    proposal_iou=0.7,
    box_weights=(1, 1, 1, 1),
    score_threshold=0.05,
    nms_iou=0.5,
    rivals="all",
    most=10,
)


class Whole:
    """Levels and answers; overwritten by the next run, as views of a runtime are."""

    def __init__(self, answers):
        self.answers = answers

    def run(self, feeds):
        for value in self.answers.values():
            value += feeds["image"].size == 0
        return self.answers


class Regions:
    """Says of each region how wide it is; remembers what it was given."""

    def __init__(self, logit):
        self.logit, self.given = logit, []

    def run(self, feeds):
        self.given.append(sorted(feeds))
        number = len(feeds["boxes"])
        logits = np.tile(np.array([0, self.logit], np.float32), (number, 1))
        return {
            "logits": logits,
            "corrections": np.zeros((number, 1, 4), np.float32),
            "width": feeds["boxes"][:, 2] - feeds["boxes"][:, 0],
        }


def predictor(logit, regions=("found", "masks"), **classes):
    answers = {
        "p5": np.ones((1, 2, 2, 2), np.float32),
        "grade.logits": np.array([1.0, 2.0], np.float32),
        "found.objectness": np.arange(4, dtype=np.float32),
        "found.corrections": np.zeros((4, 4), np.float32),
    }
    sessions = {name: Regions(logit) for name in regions}
    one = GraphPredictor(
        Whole(answers),
        sessions,
        levels={"found": ["p5"], "masks": ["p5"]},
        classes=classes,
        detector=DETECTOR,
        precision="toy fp32",
    )
    return one, sessions


def test_other_tasks_look_at_what_was_found():
    one, sessions = predictor(logit=3.0)
    [found] = one.predict([IMAGE], 0.0)
    assert len(found["found"]["boxes"]) == len(found["found"]["scores"]) == 4
    assert found["masks"]["width"].shape == (4,)
    assert np.array_equal(found["masks"]["boxes"], found["found"]["boxes"])
    assert found["grade"]["logits"].tolist() == [1, 2]
    assert sessions["masks"].given == [["boxes", "p5"]]


@pytest.mark.parametrize(("classes", "rows"), [([0], [0, 1, 2, 3]), ([1], [])])
def test_a_task_looks_at_its_classes_only(classes, rows):
    one, _ = predictor(logit=3.0, masks=classes)
    [found] = one.predict([IMAGE], 0.0)
    assert found["masks"]["rows"].tolist() == rows
    assert found["masks"]["width"].shape == found["masks"]["labels"].shape == (len(rows),)
    assert len(found["found"]["boxes"]) == 4


def test_where_nothing_is_found_other_tasks_see_no_region():
    one, _ = predictor(logit=-9.0)
    [found] = one.predict([IMAGE], 0.0)
    assert found["found"]["boxes"].shape == (0, 4)
    assert found["found"]["probabilities"].shape == (0, 2)
    assert found["masks"]["width"].shape == (0,)


def test_less_likely_instances_are_left_out():
    one, _ = predictor(logit=0.0)
    assert len(one.predict([IMAGE], 0.4)[0]["found"]["boxes"]) == 4
    assert len(one.predict([IMAGE], 0.6)[0]["found"]["boxes"]) == 0


def test_answers_do_not_change_with_the_next_image():
    session = Whole({"grade.logits": np.array([1.0])})
    one = GraphPredictor(session, {}, levels={}, classes={}, detector=None, precision="toy")
    first, _ = one.predict([IMAGE, IMAGE], 0.0)
    session.answers["grade.logits"] += 5
    assert first["grade"]["logits"].tolist() == [1]


def test_another_size_is_refused():
    one = GraphPredictor(
        Whole({}), {}, levels={}, classes={}, detector=None, precision="toy fp32", size=(40, 60)
    )
    assert one.predict([IMAGE], 0.0) == [{}]
    with pytest.raises(ImageError, match=r"is 40 x 60 pixels.*expected 60 x 40, for which"):
        one.predict([np.zeros((60, 40, 3), np.uint8)], 0.0)


@pytest.mark.parametrize("broken", ["grade.logits", "found.objectness"])
def test_an_answer_that_is_no_number_is_an_error(broken):
    one, _ = predictor(logit=3.0)
    one.whole.answers[broken][1] = np.nan
    with pytest.raises(ImageError, match=f"task {broken.split('.')[0]} is not finite"):
        one.predict([IMAGE], 0.0)


def test_regions_that_are_no_numbers_are_an_error_too():
    """Their scores would be above no threshold, so that nothing were found."""
    one, _ = predictor(logit=np.nan)
    with pytest.raises(ImageError, match="task found is not finite"):
        one.predict([IMAGE], 0.0)
