from __future__ import annotations

import numpy as np
import pytest

from polyclinic.phantoms.texture import cloud


@pytest.mark.parametrize("scale", [(0.3, 0.3), (3.0, 9.0), (40.0, 12.0), (400.0, 400.0)])
def test_a_cloud_fills_its_frame_at_any_scale(scale):
    field = cloud((90, 130), scale, np.random.default_rng(1))
    assert field.shape == (90, 130)
    assert field.dtype == np.float32
    assert np.abs(field).max() < 6


def test_structures_are_longer_along_the_longer_scale():
    field = cloud((400, 400), (20.0, 4.0), np.random.default_rng(2))
    down, across = np.diff(field, axis=0).std(), np.diff(field, axis=1).std()
    assert down < 0.5 * across
    assert 0.5 < field.std() < 1.2
