import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from polyclinic.losses import correlation_loss, standardised_loss

SCORES = arrays(float, st.integers(3, 12), elements=st.floats(-100, 100, width=32))


def loss_of(found, wanted):
    return correlation_loss(torch.as_tensor(found), torch.as_tensor(wanted))


@given(st.data())
def test_agrees_with_numpy(data):
    found = data.draw(SCORES)
    wanted = data.draw(arrays(float, len(found), elements=st.floats(-100, 100, width=32)))
    assume(min(np.ptp(found), np.ptp(wanted)) > 1e-3)
    expected = 1 - np.corrcoef(found, wanted)[0, 1]
    assert loss_of(found, wanted).item() == pytest.approx(expected, abs=1e-9)


@given(SCORES, st.floats(0.01, 50), st.floats(-50, 50))
def test_scale_and_offset_do_not_matter(found, scale, offset):
    assume(np.ptp(found) > 1e-3)
    assert loss_of(found, scale * found + offset).item() == pytest.approx(0, abs=1e-6)
    assert loss_of(found, offset - scale * found).item() == pytest.approx(2, abs=1e-6)


@given(SCORES, st.sampled_from([0.0, 0.1, -3.7e8, 1e-30]), st.booleans())
def test_a_constant_side_costs_nothing(varied, constant, swapped):
    """0.1 is not a sum of powers of two: its mean over a batch is not always 0.1."""
    same = torch.full((len(varied),), constant, dtype=torch.float32)
    sides = [torch.as_tensor(varied).float(), same]
    found, wanted = (one.requires_grad_() for one in (sides[::-1] if swapped else sides))
    loss = correlation_loss(found, wanted)
    loss.backward()
    assert loss == 0
    assert not found.grad.any()
    assert not wanted.grad.any()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_fewer_than_three_scores_say_nothing(count):
    found = torch.arange(float(count)).requires_grad_()
    loss = correlation_loss(found, -torch.arange(float(count)))
    loss.backward()
    assert loss == 0
    assert not found.grad.any()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("count", [3, 8])
def test_its_slope_is_right(seed, count):
    rng = torch.Generator().manual_seed(seed)
    sides = torch.randn(2, count, generator=rng, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(lambda both: correlation_loss(*both), sides)


@pytest.mark.parametrize("scale", [1e-18, 1.0, 1e18])
def test_very_small_and_large_scores_keep_their_digits(scale):
    values = np.array([0.1, 0.5, 0.2, 0.9])
    found = torch.tensor(values * scale, dtype=torch.float32).requires_grad_()
    wanted = torch.tensor([0.0, 1.0, 1.0, 3.0])
    loss = correlation_loss(found, wanted)
    assert loss.item() == pytest.approx(1 - np.corrcoef(values, wanted)[0, 1], rel=1e-5)
    loss.backward()
    assert found.grad.isfinite().all()
    assert found.grad.any()


def test_half_precision_is_computed_in_full():
    rng = torch.Generator().manual_seed(0)
    found, wanted = torch.randn(2, 64, generator=rng).bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        loss = correlation_loss(found, wanted)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(loss_of(found.double(), wanted.double()).item(), rel=1e-5)


@pytest.mark.parametrize("fault", [float("nan"), float("inf")])
def test_what_is_no_number_is_not_hidden(fault):
    assert loss_of([0.1, fault, 0.3], [0.1, 0.2, 0.3]).isnan()


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(RuntimeError, match="size"):
        loss_of(torch.rand(4), torch.rand(4, 1))


@pytest.mark.parametrize("noise", [0.0, 0.3, 2.0])
def test_its_mean_is_one_minus_pearson_for_scores_of_one_mean_and_spread(noise):
    drawn = np.random.default_rng(0)
    wanted = drawn.normal(size=50)
    found = wanted + noise * drawn.normal(size=50)
    found, wanted = (3 + 0.7 * (side - side.mean()) / side.std() for side in (found, wanted))
    loss = standardised_loss(torch.as_tensor(found), torch.as_tensor(wanted), spread=0.7)
    r = np.corrcoef(found, wanted)[0, 1]
    assert loss.mean().item() == pytest.approx(1 - r, abs=1e-9)


def test_it_is_a_sum_over_images_with_a_finite_slope():
    found = torch.tensor([0.2, 0.2, 0.9], requires_grad=True)
    wanted = torch.tensor([0.2, 0.4, 0.4])
    whole = standardised_loss(found, wanted, spread=0.5)
    parts = [standardised_loss(found[i : i + 1], wanted[i : i + 1], spread=0.5) for i in range(3)]
    assert torch.equal(whole, torch.cat(parts))
    whole.sum().backward()
    assert torch.allclose(found.grad, torch.tensor([0.0, -0.8, 2.0]))
