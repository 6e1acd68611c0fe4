import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from statsmodels.miscmodels.ordinal_model import OrderedModel

from polyclinic.tasks.grades.cumulative import ProportionalOdds

COUNTS = st.lists(st.integers(0, 500), min_size=2, max_size=7)
SCORES = st.lists(st.floats(-20, 20), min_size=1, max_size=5)


@given(COUNTS, SCORES)
def test_agrees_with_differences_of_shares(counts, scores):
    odds = ProportionalOdds(counts).double()
    log_p = odds(torch.tensor(scores)).detach().numpy()
    bounds = np.array([-np.inf, *odds.thresholds.tolist(), np.inf])
    expected = np.diff(expit(bounds - np.array(scores, np.float32)[:, None]), axis=1)
    np.testing.assert_allclose(np.exp(log_p), expected, atol=1e-7)
    np.testing.assert_allclose(np.exp(log_p).sum(1), 1, atol=1e-6)


@given(COUNTS)
def test_it_begins_at_the_shares_of_the_images(counts):
    shares = ProportionalOdds(counts)(torch.zeros(1)).exp()[0].tolist()
    images = np.array(counts) + 1
    np.testing.assert_allclose(shares, images / images.sum(), atol=1e-6)


@given(st.lists(st.floats(-60, 60), min_size=0, max_size=6), st.floats(-1e4, 1e4))
def test_no_weights_and_no_score_bring_disorder_or_infinity(steps, score):
    odds = ProportionalOdds([1] * (len(steps) + 2))
    odds.steps.data = torch.tensor(steps)
    assert (odds.thresholds.diff() >= 0).all()
    log_p = odds(torch.tensor([score]))
    assert log_p.isfinite().all()
    for row in range(log_p.shape[1]):
        odds.zero_grad()
        F.cross_entropy(odds(torch.tensor([score])), torch.tensor([row])).backward()
        assert odds.first.grad.isfinite().all()
        assert odds.steps.grad.isfinite().all()


@pytest.mark.parametrize("counts", [(3, 4), (1, 0, 7), (2, 2, 2, 9)])
def test_its_slope_is_right(counts):
    odds = ProportionalOdds(counts).double()
    scores = torch.tensor([-2.0, 0.3, 4.0])

    def loss(first, steps):
        values = {"first": first, "steps": steps}
        return torch.func.functional_call(odds, values, (scores,)).sum(1)

    assert torch.autograd.gradcheck(loss, (odds.first, odds.steps))


def test_its_best_fit_is_that_of_statsmodels():
    """Maximum likelihood of a score a x + c, whose offset the thresholds take in."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=300)
    grades = np.digitize(1.5 * x + rng.logistic(size=300), [-1.0, 0.5, 2.5])
    oracle = OrderedModel(grades, x[:, None], distr="logit").fit(method="bfgs", disp=False)
    odds = ProportionalOdds(np.bincount(grades)).double()
    slope = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    inputs, rows = torch.from_numpy(x), torch.from_numpy(grades)
    optimiser = torch.optim.LBFGS(
        [slope, *odds.parameters()], max_iter=200, line_search_fn="strong_wolfe"
    )

    def loss():
        optimiser.zero_grad()
        total = F.nll_loss(odds(slope * inputs), rows, reduction="sum")
        total.backward()
        return total

    optimiser.step(loss)
    assert -loss().item() == pytest.approx(oracle.llf, abs=1e-2)
    assert slope.item() == pytest.approx(oracle.params[0], abs=0.01)
    bounds = oracle.model.transform_threshold_params(oracle.params)[1:-1]
    np.testing.assert_allclose(odds.thresholds.detach(), bounds, atol=0.01)
