from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.systems.nailfold.phantoms.paint import paint_loop, transmission, visible_blood_um
from tests.systems.nailfold.phantoms.loops import SHAPES, draw_loop


@given(st.floats(0.01, 0.5))
def test_visible_blood_gives_the_contrast(contrast):
    blood = np.array([[visible_blood_um(contrast)]], np.float32)
    none = np.zeros((1, 1), np.float32)
    assert 1 - transmission(blood, none, 1)[0, 0] == pytest.approx(contrast, abs=1e-5)


def test_more_blood_is_darker_and_never_black_and_green_loses_most():
    blood = np.linspace(0, 200, 50, dtype=np.float32)[None]
    red, green, blue = (transmission(blood, np.zeros_like(blood), c)[0] for c in range(3))
    assert red[0] == green[0] == blue[0] == 1
    for plane in (red, green, blue):
        assert (np.diff(plane) < 0).all()
        assert plane.min() > 0.15
    assert (green[1:] < red[1:]).all()
    assert (green[1:] < blue[1:]).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_the_mask_is_the_union_of_the_discs(shape):
    loop = draw_loop(shape, 5)
    patch = paint_loop(loop, 0.0)
    height, width = patch.covered.shape
    rows, columns = np.mgrid[:height, :width]
    pixels = np.stack([columns + patch.left, rows + patch.top], -1).reshape(-1, 2)
    expected = np.zeros(len(pixels), bool)
    margin = np.full(len(pixels), np.inf)
    for limb in loop.strands:
        for point, radius in zip(limb.points[: limb.covering], limb.radii, strict=False):
            away = np.linalg.norm(pixels - point, axis=1) - radius
            expected |= away <= 0
            margin = np.minimum(margin, np.abs(away))
    decided = margin > 1e-3
    assert np.array_equal(patch.covered.ravel()[decided], expected[decided])


def test_light_passes_the_chord_of_each_disc_of_blood():
    loop = draw_loop("giant", 3)
    patch = paint_loop(loop, 0.0)
    rng = np.random.default_rng(0)
    for y, x in rng.integers(0, patch.blood_px.shape, (300, 2)):
        chords = [0.0]
        for limb in (loop.left, loop.right):
            away = np.linalg.norm(limb.points - (x + patch.left, y + patch.top), axis=1)
            half = np.sqrt(np.maximum(limb.radii**2 - away**2, 0))
            chords.append(float((2 * half * limb.strength).max()))
        assert patch.blood_px[y, x] == pytest.approx(max(chords), abs=1e-2)


def test_blood_adds_up_where_limbs_cross():
    loop = draw_loop("crossing", 2)
    patch = paint_loop(loop, 0.0)
    x, y = (loop.crossing().round().astype(int) - (patch.left, patch.top)).tolist()
    beside = max(limb.radii.max() for limb in (loop.left, loop.right)) * 2
    assert patch.blood_px[y, x] > 1.15 * beside


def test_defocus_keeps_the_blood_and_joins_the_limbs():
    loop = draw_loop("hairpin", 4)
    sharp, blurred = paint_loop(loop, 0.0), paint_loop(loop, 6.0)
    assert blurred.blood_px.sum() == pytest.approx(sharp.blood_px.sum(), rel=0.01)
    assert blurred.blood_px.max() < 0.7 * sharp.blood_px.max()
    assert blurred.covered.sum() > sharp.covered.sum()


def test_the_mask_ends_where_the_vessel_fades_from_sight():
    loop = draw_loop("hairpin", 6, tilt=0.0)
    patch = paint_loop(loop, 0.0)
    lowest = patch.top + np.flatnonzero(patch.covered.any(1)).max()
    assert lowest == pytest.approx(max(loop.left.end[1], loop.right.end[1]), abs=1.5)
    assert patch.blood_px[lowest - patch.top + 8].max() > 0
