from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from polyclinic.systems.knee.phantoms.exposure import draw_detector, expose
from tests.systems.knee.phantoms.people import layout_of


@pytest.fixture
def layout():
    return layout_of(0)


@pytest.fixture
def detector():
    return replace(draw_detector(np.random.default_rng(0)), frame=0.0, crisp=0.0, tilt=(0.0, 0.0))


def step(layout):
    """Two halves of unlike thickness."""
    film = np.full(layout.size, 0.5, np.float32)
    film[:, layout.size[1] // 2 :] = 2.0
    return film


def middle_rows(film):
    return film[film.shape[0] // 3 : 2 * film.shape[0] // 3]


def test_what_holds_back_more_is_brighter(layout, detector):
    film = middle_rows(expose(step(layout), layout, detector, np.random.default_rng(0)))
    quarter = film.shape[1] // 4
    assert film[:, quarter].mean() < film[:, -quarter].mean()


def test_fewer_photons_make_more_noise(layout, detector):
    noise = [
        np.diff(
            middle_rows(
                expose(step(layout), layout, replace(detector, photons=n), np.random.default_rng(0))
            )[:, -200:-100],
            axis=1,
        ).std()
        for n in (500.0, 50000.0)
    ]
    assert noise[0] > 3 * noise[1]


def test_thick_parts_are_noisier(layout, detector):
    even = replace(detector, gamma=1.0)
    film = middle_rows(expose(step(layout), layout, even, np.random.default_rng(0)))
    thin, thick = (
        np.diff(film[:, part], axis=1).std() for part in (np.s_[150:250], np.s_[-250:-150])
    )
    assert thick > thin


def test_the_frame_has_its_own_grey(layout, detector):
    narrow = replace(layout, field=np.array([(200, 150), (600, 150), (600, 500), (200, 500.0)]))
    film = expose(step(layout), narrow, replace(detector, frame=0.9), np.random.default_rng(0))
    assert film[:100] == pytest.approx(0.9, abs=1e-3)
    assert film[:, :150] == pytest.approx(0.9, abs=1e-3)
