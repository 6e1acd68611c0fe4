from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.systems.nailfold.phantoms.blood import transmission, visible_blood_um


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
