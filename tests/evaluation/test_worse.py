from dataclasses import replace

import numpy as np
import pytest

from polyclinic.data.degrade import KINDS
from polyclinic.evaluation.worse import Worse
from polyclinic.sample import Sample

IMAGE = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
OTHER = IMAGE[::-1].copy()
SAMPLE = Sample(image_id="a", size=(40, 50), image=IMAGE, file="a.png", labels={"grade": 1})


def worse(kind, level, sample=SAMPLE, quality="quality"):
    return Worse(KINDS[kind], level, quality)(sample)


@pytest.mark.parametrize("kind", KINDS)
def test_image_and_partner(kind):
    changed = worse(kind, 2)
    assert np.array_equal(changed.image, KINDS[kind].degrade(IMAGE, 2, "a"))
    assert (changed.sharp is IMAGE) == (kind != "gamma")
    assert changed.size == SAMPLE.size
    assert changed.file == "a.png"


@pytest.mark.parametrize("kind", KINDS)
def test_a_stored_partner_stays_the_aim(kind):
    waiting = worse(kind, 2, replace(SAMPLE, sharp_file="b.png"))
    assert waiting.sharp is None
    assert waiting.sharp_file == (None if kind == "gamma" else "b.png")
    loaded = worse(kind, 2, replace(SAMPLE, sharp=OTHER, sharp_file="b.png"))
    expected = KINDS[kind].degrade(OTHER, 2, "a") if kind == "gamma" else OTHER
    assert np.array_equal(loaded.sharp, expected)


def test_partner_and_image_are_brought_into_the_same_light():
    changed = worse("gamma", 3, replace(SAMPLE, sharp=IMAGE))
    assert np.array_equal(changed.sharp, changed.image)


@pytest.mark.parametrize("kind", ["blur", "defocus"])
def test_blur_is_labelled_where_quality_is_read(kind):
    assert [worse(kind, level).labels["quality"] for level in (1, 2, 4)] == [0.25, 0.5, 1.0]
    assert worse(kind, 2, quality=None).labels == {"grade": 1}


@pytest.mark.parametrize("kind", ["noise", "jpeg", "gamma"])
def test_nothing_else_is(kind):
    assert worse(kind, 2).labels == {"grade": 1}


def test_a_poor_image_blurred_once_more_has_no_known_quality():
    poor, good = (replace(SAMPLE, labels={"quality": value}) for value in (0.5, 0.0))
    assert worse("blur", 1, poor).labels == {}
    assert worse("blur", 1, good).labels == {"quality": 0.25}
    assert worse("noise", 1, poor).labels == {"quality": 0.5}


def test_the_image_as_stored_is_not_read_in_its_place():
    deep = IMAGE.astype(np.uint16) * 257
    assert worse("noise", 1, replace(SAMPLE, deep=deep)).deep is None
