from dataclasses import replace

import numpy as np
import pytest

from polyclinic.metrics.judges import judge_kinds
from polyclinic.reading import Reading
from tests.tasks.painting import CLASSES, SCHEMA, paint_sample

SAMPLES = [paint_sample(seed, loops=4) for seed in range(3)]


def figures(change=lambda instances: instances, accept=0.5):
    """All figures for readings made of changed annotations."""
    cases = []
    for sample in SAMPLES:
        found = tuple(
            replace(one, score=0.9, probabilities=np.eye(2)[one.category])
            for one in change(sample.instances)
        )
        reading = Reading(
            image_id=sample.image_id,
            size=sample.size,
            classes=CLASSES,
            landmark_schema=SCHEMA,
            instances=found,
        )
        cases.append((sample, reading))
    return {one.name: one.value(np.ones(len(cases))) for one in judge_kinds(cases, accept)}


def test_perfect_readings():
    values = figures()
    for name in (
        *("instance_f1", "instance_precision", "instance_recall", "class_accuracy"),
        *("box_ap", "mask_ap", "mask_dice", "mask_sensitivity", "oks_ap", "pck_2px"),
    ):
        assert values[name] == pytest.approx(1, abs=1e-6), name
    assert values["landmark_error_median"] == values["landmark_error_mean"] == 0


def test_half_of_the_loops_missed():
    values = figures(lambda instances: instances[::2])
    assert values["instance_recall"] == 0.5
    assert values["instance_precision"] == 1
    assert values["mask_sensitivity"] == pytest.approx(0.5, abs=0.1)


def test_wrong_classes_and_shifted_landmarks():
    def spoil(instances):
        shift = np.array([3.0, 4.0, 0.0])
        return [
            replace(one, category=1 - one.category, landmarks=one.landmarks + shift)
            for one in instances
        ]

    values = figures(spoil)
    assert (values["instance_f1"], values["instance_f1_any_class"]) == (0, 1)
    assert values["class_accuracy"] == 0
    assert max(values["mask_dice"], values["mask_iou"]) < 0.05  # where neighbours overlap
    assert values["mask_dice_any_class"] == values["mask_iou_any_class"] == 1
    assert values["landmark_error_median"] is None
    assert values["pck_8px"] == values["landmarks_found"] == 0


def test_shifted_landmarks():
    shift = np.array([3.0, 4.0, 0.0])
    values = figures(lambda found: [replace(one, landmarks=one.landmarks + shift) for one in found])
    assert values["landmark_error_median"] == pytest.approx(5)
    assert (values["pck_4px"], values["pck_8px"]) == (0, 1)


def test_candidates_below_the_threshold_are_not_found():
    assert figures(accept=0.95)["instance_recall"] == 0
