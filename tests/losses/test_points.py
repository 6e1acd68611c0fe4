"""Heat maps against round spots, with scipy as the oracle."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import jensenshannon

from polyclinic.losses import elastic_loss, l1_loss, l2_loss, wing_loss
from polyclinic.losses.points import divergence, spots
from polyclinic.models.soft_argmax import expected_place


def test_the_published_values():
    assert wing_loss(torch.tensor(1.0)).item() == pytest.approx(15 * math.log(4 / 3))
    at_zero = torch.tensor(1e-6, requires_grad=True)
    wing_loss(at_zero).backward()
    assert at_zero.grad.item() == pytest.approx(5, rel=1e-4)


@given(st.floats(0.1, 50), st.floats(0.1, 50))
def test_the_two_parts_meet(width, curvature):
    sides = torch.tensor([width * (1 - 1e-9), width * (1 + 1e-9)], dtype=torch.float64)
    low, high = wing_loss(sides, width=width, curvature=curvature)
    assert low.item() == pytest.approx(high.item(), rel=1e-6)


@given(st.floats(20, 1e4))
def test_beyond_the_width_it_is_linear_and_even(size):
    here = torch.tensor([size, size + 1, -size], dtype=torch.float64)
    loss = wing_loss(here)
    assert (loss[1] - loss[0]).item() == pytest.approx(1)
    assert loss[0] == loss[2]


def test_elastic_is_half_of_each():
    difference = torch.tensor([-3.0, 0.0, 0.5])
    assert l1_loss(difference).tolist() == [3, 0, 0.5]
    assert l2_loss(difference).tolist() == [9, 0, 0.25]
    assert elastic_loss(difference).tolist() == [6, 0, 0.375]


maps = arrays(np.float64, (2, 4, 5), elements=st.floats(0, 1)).map(lambda a: a + 1e-9)


def normal(raw):
    return raw / raw.sum((1, 2), keepdims=True)


@given(first=maps.map(normal), second=maps.map(normal))
def test_divergence_is_that_of_scipy(first, second):
    found = divergence(torch.from_numpy(first), torch.from_numpy(second))
    wanted = [jensenshannon(p.ravel(), q.ravel()) ** 2 for p, q in zip(first, second, strict=True)]
    assert found.numpy() == pytest.approx(wanted, abs=1e-9)


def test_divergence_is_nought_for_equals_and_log_two_for_strangers():
    one, other = torch.zeros(1, 3, 3), torch.zeros(1, 3, 3)
    one[0, 0, 0] = other[0, 2, 2] = 1
    assert divergence(one, one).item() == 0
    assert divergence(one, other).item() == pytest.approx(math.log(2))


def test_a_spot_has_its_place_and_width():
    places = torch.tensor([[20.3, 11.8], [15.0, 14.5]])
    made = spots(places, 1.5, (30, 40))
    assert made.sum((1, 2)).numpy() == pytest.approx(1)
    found, spread = expected_place(made[None])
    assert found[0].numpy() == pytest.approx(places.numpy(), abs=1e-4)
    assert spread[0].numpy() == pytest.approx(1.5 * math.sqrt(2), abs=1e-3)


def test_a_spot_outside_pulls_to_the_nearest_edge():
    (made,) = spots(torch.tensor([[-4.0, 3.0]]), 1.0, (7, 9))
    assert made.sum().item() == pytest.approx(1)
    assert divmod(int(made.argmax()), 9) == (3, 0)


def test_an_even_map_is_drawn_to_the_spot():
    logits = torch.zeros(1, 9, 9, requires_grad=True)
    wanted = spots(torch.tensor([[6.0, 2.0]]), 1.0, (9, 9))
    divergence(logits.flatten(1).softmax(1).view_as(logits), wanted).sum().backward()
    assert divmod(int((-logits.grad).argmax()), 9) == (2, 6)


def test_the_smallest_probabilities_give_finite_losses_and_gradients():
    logits = torch.tensor([[[0.0, -102.5, -103.3, -200.0]]], requires_grad=True)
    loss = divergence(logits.softmax(2), spots(torch.tensor([[3.0, 0.0]]), 0.05, (1, 4))).sum()
    loss.backward()
    assert loss.isfinite()
    assert logits.grad.isfinite().all()
