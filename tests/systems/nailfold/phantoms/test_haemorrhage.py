from __future__ import annotations

import cv2
import numpy as np
import pytest

from polyclinic.systems.nailfold.phantoms.haemorrhage import draw_haemorrhage


def draw(seed):
    return draw_haemorrhage(np.array([200.0, 120.0]), 0.1, 1.7, np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(12))
def test_the_mask_holds_the_dense_part_and_lies_inside_the_patch(seed):
    stain = draw(seed)
    assert stain.covered.sum() > 100
    assert stain.pigment[stain.covered].min() > 2 * np.median(stain.pigment)
    border = np.concatenate([stain.pigment[[0, -1]].ravel(), stain.pigment[:, [0, -1]].ravel()])
    assert border.max() < 0.1


@pytest.mark.parametrize("seed", range(12))
def test_nothing_is_drawn_far_from_the_mask(seed):
    stain = draw(seed)
    away = cv2.distanceTransform((~stain.covered).astype(np.uint8), cv2.DIST_L2, 5)
    assert stain.pigment[away > 15].max(initial=0) < 0.5


def test_both_kinds_occur():
    assert {draw(seed).kind for seed in range(20)} == {"blot", "caps"}
