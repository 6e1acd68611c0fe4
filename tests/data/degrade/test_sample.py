from dataclasses import replace

import numpy as np
import pytest

from polyclinic.data.degrade import DegradeConfig, degrade_sample
from polyclinic.sample import Sample
from tests.data.degrade.pictures import sharpness, textured

IMAGE = textured()
SAMPLE = Sample(image_id=1, size=(60, 80), image=IMAGE, labels={"grade": 2})
ON = DegradeConfig(blur=0.03)


def degraded(sample, config=ON, seed=0):
    return degrade_sample(sample, config, np.random.default_rng(seed))


@pytest.mark.parametrize(
    "sample",
    [
        replace(SAMPLE, labels={"quality": 0.3}),
        replace(SAMPLE, labels={"quality": 1}),
        replace(SAMPLE, labels={"quality": "blurred"}),
        replace(SAMPLE, sharp=IMAGE),
        replace(SAMPLE, sharp=IMAGE, labels={"quality": 0}),
        replace(SAMPLE, sharp_file="partner.png"),
    ],
    ids=["poor", "worst", "word", "partner", "sharp with partner", "partner not loaded"],
)
def test_what_is_known_to_be_poor_or_partnered_stays(sample):
    assert all(degraded(sample, seed=seed) is sample for seed in range(20))


def test_off_does_nothing():
    assert degraded(SAMPLE, DegradeConfig()) is SAMPLE


@pytest.mark.parametrize("labels", [{}, {"quality": 0}, {"quality": 0.0}, {"quality": None}])
def test_others_get_a_level_and_a_partner(labels):
    sample = replace(SAMPLE, labels=labels)
    seen = [degraded(sample, seed=seed) for seed in range(200)]
    assert all(one.sharp is IMAGE for one in seen)
    levels = np.array([one.labels["quality"] for one in seen])
    assert ((levels >= 0) & (levels <= 1)).all()
    assert (levels > 0).mean() == pytest.approx(0.8, abs=0.1)
    for one, level in zip(seen, levels, strict=True):
        assert (one.image is IMAGE) == (level == 0)


def test_other_labels_stay_and_the_name_can_be_chosen():
    one = degraded(SAMPLE, DegradeConfig(blur=0.03, share=1, label="haze", noise_floor=0))
    assert set(one.labels) == {"grade", "haze"}
    assert one.labels["grade"] == 2
    assert sharpness(one.image) < sharpness(IMAGE)
    assert SAMPLE.labels == {"grade": 2}
