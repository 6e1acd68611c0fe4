import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from polyclinic.losses.robust import AdaptiveRobustLoss, log_partition, robust_loss

VALUES = torch.tensor([-30.0, -1.0, 0.0, 0.02, 4.0], dtype=torch.float64)


def rho(alpha, scale=2.0):
    return robust_loss(VALUES, torch.tensor(alpha).double(), torch.tensor(scale).double()).numpy()


def test_its_special_cases_have_other_names():
    """Barron 2019, equation 8: Cauchy, Charbonnier and half the square."""
    ratio = VALUES.numpy() / 2
    np.testing.assert_allclose(rho(0.0), np.log1p(ratio**2 / 2), rtol=1e-4)
    np.testing.assert_allclose(rho(1.0), np.sqrt(ratio**2 + 1) - 1, rtol=1e-4)
    np.testing.assert_allclose(rho(2.0), ratio**2 / 2, rtol=2e-3)


@given(st.floats(0.05, 1.95))
def test_agrees_with_the_published_equation(alpha):
    room = abs(alpha - 2)
    ratio = VALUES.numpy() / 2
    expected = room / alpha * ((ratio**2 / room + 1) ** (alpha / 2) - 1)
    np.testing.assert_allclose(rho(alpha), expected, rtol=2e-3, atol=1e-9)


@pytest.mark.parametrize(
    ("alpha", "density"),
    [(0.0, stats.cauchy(scale=math.sqrt(2)).pdf), (2.0, stats.norm().pdf)],
)
def test_it_is_the_likelihood_of_known_densities(alpha, density):
    alpha = torch.tensor(alpha, dtype=torch.float64)
    loss = robust_loss(VALUES, alpha, torch.ones(()).double()) + log_partition(alpha)
    np.testing.assert_allclose(loss.numpy(), -np.log(density(VALUES.numpy())), rtol=2e-3)


@pytest.mark.parametrize("alpha", [0.1, 0.5, 1.0, 1.5, 1.9])
def test_the_partition_function_is_the_integral(alpha):
    def density(x):
        one = torch.tensor(1.0).double()
        return math.exp(-robust_loss(torch.tensor(x).double(), torch.tensor(alpha).double(), one))

    limit = 60.0
    area = 2 * quad(density, 0, limit, limit=400)[0]
    area += (
        2 * quad(lambda u: density(math.exp(u)) * math.exp(u), math.log(limit), 40, limit=400)[0]
    )
    assert log_partition(torch.tensor(alpha)).item() == pytest.approx(math.log(area), abs=1e-4)


def test_it_finds_the_scale_of_normal_errors_and_the_tails_of_others():
    rng = np.random.default_rng(0)

    def fitted(values):
        loss = AdaptiveRobustLoss(scale=1.0)
        assert loss.alpha == 1
        assert loss.scale.item() == pytest.approx(1)
        optimiser = torch.optim.Adam(loss.parameters(), 0.05)
        for _ in range(600):
            optimiser.zero_grad()
            loss(torch.from_numpy(values).float()).mean().backward()
            optimiser.step()
        return loss.alpha.item(), loss.scale.item()

    alpha, scale = fitted(rng.normal(0, 3, 2000))
    assert alpha > 1.4
    assert scale == pytest.approx(3, rel=0.15)
    assert fitted(rng.standard_cauchy(2000))[0] < 0.4
