import numpy as np
import pytest

from polyclinic.systems.nailfold.measure.quantile_fit import programmed, quantile_fit


@pytest.mark.parametrize("count", [4, 5, 7, 8, 12, 20])
def test_as_good_as_a_linear_programme_can(count):
    rng = np.random.default_rng(count)
    for _ in range(10):
        along = rng.uniform(-1, 1, count)
        along[: count // 3] = along[0]  # no curve runs through several of one place
        design = np.vander(along, 2 if count < 8 else 3)
        distal = rng.normal(0, 20, count)
        costs = []
        for fit in (quantile_fit, programmed):
            above = distal - design @ fit(design, distal, 0.8)
            costs.append((np.maximum(above, 0) * 0.8 + np.maximum(-above, 0) * 0.2).sum())
        assert costs[0] == pytest.approx(costs[1], rel=1e-9)


def test_points_at_one_place_still_have_a_fit():
    design = np.vander(np.zeros(5), 2)
    fit = quantile_fit(design, np.arange(5.0), 0.8)
    assert 3 <= (design @ fit)[0] <= 4
