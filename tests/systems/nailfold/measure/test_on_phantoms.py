"""Measurements against the truth of phantoms, which knows nothing of masks or landmarks."""

from dataclasses import replace

import numpy as np
import pytest

from polyclinic.reading import Reading
from polyclinic.schema.nailfold import NAILFOLD_CLASSES, NAILFOLD_LANDMARKS
from polyclinic.systems.nailfold.measure import measure_nailfold
from polyclinic.systems.nailfold.phantoms.image import make_image

SEEDS = {"normal": 0, "early": 1, "active": 2, "late": 3}


@pytest.fixture(scope="module", params=SEEDS)
def sample(request):
    return make_image([SEEDS[request.param]], request.param)


def measured(sample, *, landmarks):
    instances = sample.instances
    if not landmarks:
        instances = tuple(replace(one, landmarks=None) for one in instances)
    return measure_nailfold(
        Reading(
            image_id=1,
            size=sample.size,
            spacing=sample.spacing,
            classes=NAILFOLD_CLASSES,
            landmark_schema=NAILFOLD_LANDMARKS if landmarks else None,
            instances=instances,
        )
    )


def truth(sample, row):
    known = sample.instances[row].extra["truth"]
    limbs = sorted((known["left_diameter_um"], known["right_diameter_um"]))
    return {
        "apical_diameter": known["apical_diameter_um"],
        "arterial_diameter": limbs[0],
        "venous_diameter": limbs[1],
        "loop_length": known["length_um"],
    }


def differences(sample, kind, *, landmarks):
    """Found - true and true, for all loops in focus of which `kind` could be measured."""
    pairs = []
    for row in measured(sample, landmarks=landmarks):
        if row.instance is None or row.value is None or not row.name.startswith(kind):
            continue
        true = truth(sample, row.instance).get(row.name.removeprefix("mask_"))
        if true is not None and sample.instances[row.instance].extra["truth"]["in_focus"]:
            pairs.append((row.value - true, true))
    return np.array(pairs).T


@pytest.mark.parametrize("landmarks", [True, False])
def test_masks_give_the_diameters_back(sample, landmarks):
    difference, _ = differences(sample, "mask_", landmarks=landmarks)
    assert len(difference) >= 3
    assert np.median(np.abs(difference)) <= 0.6  # um; a pixel is 1.7
    assert np.percentile(np.abs(difference), 80) <= 1.7  # irregular loops are hard
    assert abs(np.median(difference)) <= 0.4


def test_landmarks_give_the_apical_diameter_back(sample):
    difference, _ = differences(sample, "apical", landmarks=True)
    assert np.abs(difference).max() <= 1e-6


def test_length_along_the_middle_line(sample):
    difference, true = differences(sample, "loop_length", landmarks=True)
    assert np.median(np.abs(difference / true)) <= 0.05


def test_the_distal_row_is_the_one_that_was_placed(sample):
    if sample.labels["state"] == "late":
        pytest.skip("a few scattered loops form no row that could be told from a second one")
    row = sum(one.extra["truth"].get("row") == 0 for one in sample.instances)
    image = {m.name: m for m in measured(sample, landmarks=True) if m.instance is None}
    assert image["distal_row_count"].value == row
    assert image["density"].value == pytest.approx(row / 1.7408, rel=0.05)  # the row is tilted
